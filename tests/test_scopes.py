"""Which scopes a key needs, and that a missing one is told before the first write where the vendor says what it has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from deeds import settled_office, vendor
from office import Office
from syncctl import run
from syncctl.auth.tokens import Kept, Tokens
from syncctl.errors import AuthenticationFailed
from syncctl.run.inspection import doctor
from syncctl.run.scopes import lacking_for_plan
from syncctl.sandbox.hubspot.kinds import SCOPES

SIGN_IN = "sign_in: {client_id: env:HS_ID, client_secret: env:HS_KEY}"
DEALS = "crm.objects.deals"


@pytest.fixture
def office() -> Iterator[Office]:
    with settled_office() as found:
        yield found


def allow(office: Office, *but: str) -> None:
    """A key with every scope but these."""
    every = [f"{scope}.{way}" for scope in SCOPES.values() for way in ("read", "write")]
    every += [scope.replace("crm.objects", "crm.schemas") for scope in every if scope.endswith(".read")]
    vendor(office, "hubspot").scopes = frozenset(every) - frozenset(but)


def signed_in(office: Office, *scopes: str) -> None:
    """HubSpot through an app whose tokens have these scopes."""
    path = office.folder / "syncctl.yaml"
    path.write_text(path.read_text().replace('credential: "env:HUBSPOT"', SIGN_IN))
    office.environment |= {"HS_ID": "app", "HS_KEY": "secret-of-the-app"}
    office.reopen()
    now = office.clock.now()
    tokens = Tokens(office.credentials["hubspot"].token, now + timedelta(hours=9), now, "r", scopes=scopes)
    office.project.sign_in("hubspot").store.save(Kept(tokens))


def test_c35_scopes_of_kinds_that_no_mapping_names_are_not_needed(office: Office) -> None:
    allow(office, "e-commerce.read", "crm.schemas.line_items.read", "crm.objects.line_items.read")
    assert office.reconcile().exit_code == 0


def test_c35_the_scope_of_a_mapped_kind_is_named_before_anything_is_read(office: Office) -> None:
    allow(office, "crm.schemas.deals.read")
    with pytest.raises(AuthenticationFailed, match=r"crm\.schemas\.deals\.read"):
        run.pull(office.project)


def test_c35_a_write_scope_that_a_sign_in_lacks_is_told_with_the_plan_and_by_doctor(office: Office) -> None:
    office.sell()
    signed_in(office, f"{DEALS}.read")
    plan = office.plan()
    (lack,) = lacking_for_plan(office.project, plan)
    assert lack.sentence == f"hubspot would refuse to write deal: the sign-in lacks the scope {DEALS}.write"
    assert lack.fix == "allow it on the vendor's app page, then: syncctl auth login hubspot"
    assert [check.fix for check in doctor(office.project) if check.cause == lack.sentence] == [lack.fix]
    signed_in(office, f"{DEALS}.read", f"{DEALS}.write")
    assert lacking_for_plan(office.project, plan) == ()
