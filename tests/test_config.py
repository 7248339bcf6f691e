"""Settings are read once, checked, and never say a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.config import Environment, Settings
from service.errors import SecretMissing, SettingsError


def test_without_any_variable_everything_has_its_default() -> None:
    settings = Environment({"PATH": "/bin"}).settings()
    assert settings == Settings()
    assert settings.store_url == "sqlite:///data/avizor.db"


def test_variables_are_read_by_their_names() -> None:
    settings = Environment({"AVIZOR_PORT": "9000", "AVIZOR_CONTACT": "mail@example.org"}).settings()
    assert settings.port == 9000
    assert settings.user_agent == "Avizor/0.1 (+mailto:mail@example.org)"


def test_an_empty_variable_is_an_unset_one() -> None:
    assert Environment({"AVIZOR_PORT": ""}).settings().port == 8080


def test_an_unknown_setting_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(
        SettingsError, match="AVIZOR_SMPT_URL: there is no such setting. Did you mean AVIZOR_SMTP_URL"
    ):
        Environment({"AVIZOR_SMPT_URL": "x"}).settings()
    with pytest.raises(SettingsError, match="lists all settings"):
        Environment({"AVIZOR_QQQQQQQQQQQQ": "x"}).settings()


def test_a_value_that_cannot_be_used_is_refused_without_being_repeated() -> None:
    with pytest.raises(SettingsError, match="AVIZOR_PORT") as caught:
        Environment({"AVIZOR_PORT": "secret-value"}).settings()
    assert "secret-value" not in str(caught.value)


def test_a_time_zone_that_is_none_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(SettingsError, match="America/Limma is no time zone; did you mean America/Lima"):
        Environment({"AVIZOR_TIMEZONE": "America/Limma"}).settings()
    with pytest.raises(SettingsError, match="AVIZOR_TIMEZONE: 77 is no time zone. It is: "):
        Environment({"AVIZOR_TIMEZONE": "77"}).settings()


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "smtp").write_text("smtp://u:p@mail.example:587\n")
    settings = Environment({"AVIZOR_SMTP_URL_FILE": str(tmp_path / "smtp")}).settings()
    assert settings.smtp_url == "smtp://u:p@mail.example:587"
    assert "u:p" not in repr(settings)


def test_the_tokens_of_bots_are_secrets_too(tmp_path: Path) -> None:
    given = {"AVIZOR_MATRIX_SERVER": "https://matrix.example"}
    for name in ("TELEGRAM", "MATRIX"):
        (tmp_path / name).write_text(f"s3cret-{name}\n")
        given[f"AVIZOR_{name}_TOKEN_FILE"] = str(tmp_path / name)
    settings = Environment(given).settings()
    assert settings.bot == {
        "telegram_token": "s3cret-TELEGRAM",
        "matrix_server": "https://matrix.example",
        "matrix_token": "s3cret-MATRIX",
    }
    assert "s3cret" not in repr(settings)


def test_a_secret_that_is_set_nowhere_says_how_to_set_it() -> None:
    with pytest.raises(SecretMissing, match="ROOM is not set. Set ROOM in the environment"):
        Environment({}).secret("ROOM")


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_secret_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "room"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SecretMissing, match="ROOM_FILE"):
        Environment({"ROOM_FILE": str(path)}).secret("ROOM")


def test_the_process_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("AVIZOR_PORT=1\nROOM=from-file\nEMPTY\n")
    monkeypatch.setenv("AVIZOR_PORT", "2")
    environment = Environment.load(tmp_path / ".env")
    assert environment.settings().port == 2
    assert environment.secret("ROOM") == "from-file"


def test_every_setting_is_in_the_example_file() -> None:
    text = Path(".env.example").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        assert f"AVIZOR_{name.upper()}=" in text
