"""What syncctl.yaml may say, what it may not, and who wins when several say it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from syncctl.errors import ConfigError, CredentialError, UsageError
from syncctl.model import Problem
from syncctl.settings import Settings, load_preferences, load_settings

GOOD = """\
systems:
  stripe:
    connector: stripe
    environment: sandbox
    company: acct_1
    base_url: http://127.0.0.1:8101/
    credential: env:STRIPE_KEY
    options: {api_version: 2026-06-30}
  quickbooks:
    connector: quickbooks
    environment: sandbox
    credential: file:secrets/quickbooks
books:
  time_zone: America/New_York
  accounts: {xero_sales: 090, norway: NO}
guards: {max_changes: 200, max_ratio: 5%, max_amount: [25000 USD, 2000000JPY]}
profiles:
  live:
    ledger: live.db
    systems: {stripe: {environment: live, base_url: "", credential: env:STRIPE_LIVE_KEY}}
    books: {accounts: {xero_sales: 0425}}
"""
SECRET = "sk_live_" + "51Hx8sJ2eZvKYlo2C"


def load(folder: Path, text: str, *, user: str = "", profile: str = "", **environment: str) -> Settings:
    (folder / "syncctl.yaml").write_text(text)
    (folder / "user.yaml").write_text(user or "output: table\n")
    return load_settings(folder, profile=profile, environment=environment, user_file=folder / "user.yaml")


def problems(folder: Path, text: str, **words: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, text, **words)
    return [str(problem) for problem in caught.value.problems]


def test_everything_a_project_says_is_read_as_written(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD)
    stripe = settings.systems["stripe"]
    assert (stripe.connector, stripe.environment, stripe.company) == ("stripe", "sandbox", "acct_1")
    assert (stripe.base_url, str(stripe.credential)) == ("http://127.0.0.1:8101", "env:STRIPE_KEY")
    assert stripe.options == {"api_version": "2026-06-30"}
    assert settings.ledger == tmp_path / "ledger.db"
    assert settings.mappings == tmp_path / "mappings"
    assert settings.time_zone == "America/New_York"
    assert (settings.guards.max_changes, settings.guards.max_ratio) == (200, Decimal("0.05"))
    assert settings.guards.max_amount == (("USD", Decimal(25000)), ("JPY", Decimal(2000000)))


def test_an_account_number_keeps_its_zero_and_norway_stays_norway(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD).books["accounts"] == {"xero_sales": "090", "norway": "NO"}


def test_a_profile_lies_over_the_project_key_by_key(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD, profile="live")
    assert (settings.profile, settings.live) == ("live", True)
    assert settings.ledger == tmp_path / "live.db"
    assert settings.systems["stripe"].base_url == ""
    assert settings.systems["stripe"].company == "acct_1"
    assert settings.books["accounts"] == {"xero_sales": "0425", "norway": "NO"}
    assert settings.systems["quickbooks"].environment == "sandbox"


def test_flag_beats_environment_beats_project_beats_user(tmp_path: Path) -> None:
    text = GOOD + "output: csv\n"
    assert load(tmp_path, text, user="output: md\ncolor: never\n").preferences.output == "csv"
    assert load(tmp_path, text, user="output: md\n", SYNCCTL_OUTPUT="json").preferences.output == "json"
    assert load(tmp_path, text, user="color: never\n").preferences.color == "never"
    assert load(tmp_path, text + "profile: live\n").profile == "live"
    assert load(tmp_path, GOOD, SYNCCTL_PROFILE="live").profile == "live"
    assert (
        load(tmp_path, GOOD.replace("  live:", "  a: {}\n  live:"), profile="a", SYNCCTL_PROFILE="live").profile == "a"
    )


def test_limits_hold_where_the_project_is_silent(tmp_path: Path) -> None:
    guards = load(tmp_path, GOOD.replace("guards: {max_changes: 200, max_ratio: 5%,", "guards: {")).guards
    assert (guards.max_changes, guards.max_ratio) == (50, Decimal("0.10"))


def test_every_problem_is_told_at_once_with_its_place_and_fix(tmp_path: Path) -> None:
    text = """\
sistems: {}
systems:
  stripe:
    conector: stripe
    environment: production
    credential: env:STRIPE KEY
  books: {connector: quickboks, environment: live, credential: env:TOKEN}
books: {time_zone: Mars/Base, list: [1]}
guards: {max_changes: many, max_ratio: 300%, max_amount: [lots, 5 USD, 6 USD]}
output: yaml
"""
    assert problems(tmp_path, text) == [
        "syncctl.yaml:1:1: unknown key `sistems` (did you mean `systems`?)",
        "syncctl.yaml:4:5: unknown key `conector` (did you mean `connector`?)",
        "syncctl.yaml:4:5: `connector` is missing (say which connector speaks to stripe: connector: stripe)",
        "syncctl.yaml:5:18: `production` is no environment (known: `live`, `sandbox`)",
        "syncctl.yaml:6:17: the name after env: does not fit (write env:NAME)",
        "syncctl.yaml:7:22: there is no connector `quickboks` (did you mean `quickbooks`?)",
        "syncctl.yaml:8:20: `Mars/Base` is no time zone (say where the books' days begin: time_zone: America/New_York)",
        "syncctl.yaml:8:37: `list` holds a list (settings are texts, or maps of texts)",
        "syncctl.yaml:9:23: `many` is no number of changes (max_changes: 50)",
        "syncctl.yaml:9:40: `300%` is no share (max_ratio: 10%, or 0.10)",
        "syncctl.yaml:9:59: `lots` is no amount (max_amount: 25000 USD, or a list of them)",
        "syncctl.yaml:9:72: USD has two limits (keep one)",
        "syncctl.yaml:10:9: `yaml` is no output (known: `csv`, `json`, `jsonl`, `md`, `table`)",
    ]


def test_what_a_connector_says_of_its_options_has_their_place(tmp_path: Path) -> None:
    stripe = load(tmp_path, GOOD).systems["stripe"]
    asked = [Problem("stripe.api_version", "old"), Problem("stripe.company", "odd"), Problem("systems/a.yaml:1:2", "x")]
    told = stripe.placed(ConfigError("the options are wrong", asked))
    assert [str(problem) for problem in told.problems] == [
        "syncctl.yaml:8:15: old",
        "syncctl.yaml:2:3: odd",
        "systems/a.yaml:1:2: x",
    ]
    assert str(stripe.placed(ConfigError("no company id"))) == "syncctl.yaml:2:3: no company id"


def test_books_without_a_time_zone_are_refused(tmp_path: Path) -> None:
    found = problems(tmp_path, GOOD.replace("  time_zone: America/New_York\n", ""))
    assert found == [
        "syncctl.yaml:14:3: `time_zone` is missing (say where the books' days begin: time_zone: America/New_York)"
    ]


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("env:STRIPE_KEY", SECRET),
        GOOD.replace("env:STRIPE_KEY", f"env:{SECRET}"),
        GOOD.replace("company: acct_1", f"company: {SECRET}"),
        GOOD.replace("guards:", f"{SECRET}: x\nguards:"),
        GOOD.replace("options: {", "options: {password: {a: b}, " + SECRET + ": x, "),
        GOOD.replace("env:STRIPE_KEY", f"*{SECRET}"),
        GOOD.replace("env:STRIPE_KEY", f"hunter2-{SECRET}"),
    ],
)
def test_a_secret_in_the_file_is_refused_and_never_repeated(tmp_path: Path, text: str) -> None:
    found = problems(tmp_path, text)
    assert found
    assert SECRET not in "".join(found)


def test_an_unknown_literal_credential_is_refused_and_never_repeated(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, GOOD.replace("env:STRIPE_KEY", "correct-horse-battery"))
    assert found.startswith("syncctl.yaml:7:17: this is not a credential reference (write env:NAME")
    assert "horse" not in found


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("http://api.example.com", "unencrypted"),
        ("https://me:hunter2hunter2@api.example.com", "this is a secret"),
        ("https://me@api.example.com", "user name or password"),
        ("https://169.254.169.254", "own network services"),
        ("ftp://127.0.0.1", "no web address"),
        ("https://api.example.com/?a=1", "query"),
        ("http://[::1", "no web address"),
    ],
)
def test_a_credential_travels_encrypted_or_stays_on_this_machine(tmp_path: Path, written: str, said: str) -> None:
    (found,) = problems(tmp_path, GOOD.replace("http://127.0.0.1:8101/", f'"{written}"'))
    assert said in found
    assert "hunter2" not in found


SIGN_IN = GOOD.replace(
    "credential: env:STRIPE_KEY",
    "sign_in: {client_id: env:CLIENT, client_secret: file:secret, scopes: [accounting, offline_access]}",
)


def test_a_system_may_be_signed_in_to_instead_of_having_a_secret(tmp_path: Path) -> None:
    system = load(tmp_path, SIGN_IN).systems["stripe"]
    assert system.credential is None
    assert system.sign_in is not None
    assert [str(reference) for reference in system.sign_in.references] == ["env:CLIENT", "file:secret"]
    assert (system.sign_in.grant, system.sign_in.store) == ("authorization_code", "file")
    assert system.sign_in.scopes == ("accounting", "offline_access")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("client_id: env:CLIENT, ", "", "`client_id` is missing (name the app registered at the vendor"),
        ("scopes:", "grant: password, scopes:", "`password` is no grant"),
        ("scopes:", "scope:", "unknown key `scope` (did you mean `scopes`?)"),
        ("client_secret: file:secret", "grant: client_credentials", "`client_secret` is missing"),
        ("client_secret:", "grant: jwt_bearer, subject: a, audience: b, client_secret:", "`private_key` is missing"),
        ("sign_in:", "credential: env:A\n    sign_in:", "`credential` and `sign_in` stand side by side"),
        ("client_id: env:CLIENT", "client_id: sk_live_123456789", "this is a secret"),
    ],
)
def test_a_sign_in_that_cannot_work_is_refused_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    (found,) = problems(tmp_path, SIGN_IN.replace(old, new))
    assert found.startswith("syncctl.yaml:")
    assert said in found


def test_an_unknown_profile_names_the_near_one_whether_it_was_typed_or_configured(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path, GOOD, profile="lives")
    assert caught.value.fix.startswith("did you mean live?")
    assert problems(tmp_path, GOOD, SYNCCTL_PROFILE="lives") == [
        "syncctl.yaml:18:3: there is no profile `lives` (did you mean `live`?)"
    ]


def test_a_profile_cannot_hold_profiles(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, GOOD + "  other: {profiles: {}}\n")
    assert "unknown key `profiles`" in found


@pytest.mark.parametrize(
    "text", ["", "- a\n", "systems: &a {}\n", "systems: {}\nsystems: {}\n", "a: \x1b[31m\n", "a: [\n"]
)
def test_a_file_that_is_no_plain_yaml_ends_in_places_not_a_traceback(tmp_path: Path, text: str) -> None:
    assert all(found.startswith("syncctl.yaml:") for found in problems(tmp_path, text))


def test_no_project_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path, environment={}, user_file=tmp_path / "none")
    assert "syncctl init DIR" in caught.value.fix


def test_the_users_file_cannot_say_what_belongs_to_a_project(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, GOOD, user="systems: {}\n")
    assert "unknown key `systems`" in str(caught.value.problems[0])


def test_an_unknown_choice_in_the_environment_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="SYNCCTL_OUTPUT"):
        load_preferences({"SYNCCTL_OUTPUT": "pdf"}, tmp_path / "none")


def test_a_secret_is_read_only_when_it_is_needed(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD, STRIPE_KEY="from-the-environment")
    assert settings.secret("stripe") == "from-the-environment"
    with pytest.raises(CredentialError):
        settings.secret("quickbooks")


def test_settings_print_no_secret(tmp_path: Path) -> None:
    assert "from-the-environment" not in repr(load(tmp_path, GOOD, STRIPE_KEY="from-the-environment"))


DECLARED = GOOD.replace("    options: {api_version: 2026-06-30}\n", "    file: systems/shop.yaml\n")


def test_the_file_that_declares_a_system_lies_in_the_projects_folder(tmp_path: Path) -> None:
    (tmp_path / "systems").mkdir()
    (tmp_path / "systems" / "shop.yaml").write_text("system: Shop\n")
    shop = load(tmp_path, DECLARED).systems["stripe"]
    assert shop.file == tmp_path / "systems" / "shop.yaml"
    (tmp_path / "systems" / "shop.yaml").write_text("system: Another\n")
    assert load(tmp_path, DECLARED).systems["stripe"].file_digest != shop.file_digest
    assert load(tmp_path, GOOD).systems["stripe"].file is None


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("    file: systems/shop.yaml\n", "8:11: systems/shop.yaml cannot be read: No such file or directory (name"),
        ("    file: .\n", "8:11: . cannot be read: Is a directory (name"),
        ('    file: ""\n', "8:11: `file` is empty (name"),
        ("    file: [a]\n", "8:11: `file` holds a list, not a text"),
        ("    options: {file: a.yaml}\n", "8:21: `file` stands inside `options` (move it out"),
    ],
)
def test_a_file_that_is_not_there_is_told_with_its_place(tmp_path: Path, written: str, told: str) -> None:
    text = GOOD.replace("    options: {api_version: 2026-06-30}\n", written)
    (found,) = problems(tmp_path, text)
    assert found.startswith(f"syncctl.yaml:{told}")
