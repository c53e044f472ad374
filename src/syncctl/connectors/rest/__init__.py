"""Systems declared in YAML: any REST interface, without Python."""

from syncctl.connectors.rest.connector import Rest, rest, rest_connector

__all__ = ["Rest", "rest", "rest_connector"]
