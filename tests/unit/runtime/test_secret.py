"""The generated secret: created once, and passed to API and workers only."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from gala.embedded_servers import Home
from gala.errors import NotFound
from gala.job import Lane
from gala.signing import Keyring
from gala.supervisor.stack import Stack


def test_a_home_makes_its_secret_once_and_for_its_user_alone(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with pytest.raises(NotFound, match="has not been started"):
        home.secret()
    home.claim()
    try:
        made = home.make_secret()
        assert home.make_secret() == made == Home(tmp_path / "home").secret()
    finally:
        home.release()
    Keyring(made)
    (file,) = [one for one in home.root.iterdir() if one.name.startswith("secret")]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert made.get_secret_value() not in repr(made) + repr(Keyring(made))


def test_what_a_killed_start_left_of_a_secret_is_none(tmp_path: Path) -> None:
    (tmp_path / "secret-key.new").write_text("half")
    made = Home(tmp_path).make_secret()
    assert made.get_secret_value() != "half"
    Keyring(made)


def test_two_homes_have_two_secrets(tmp_path: Path) -> None:
    homes = [tmp_path / name for name in ("a", "b")]
    for folder in homes:
        folder.mkdir()
    first, second = (Home(folder).make_secret() for folder in homes)
    assert first != second


def test_renderer_and_swagger_are_started_without_any_secret() -> None:
    secrets = {"GALA_SECRET_KEY": "s", "GALA_API_KEY": "s", "JWT_SECRET": "s", "S3_SECRET": "s"}
    services = Stack(
        database_url="postgresql://ours",
        redis_url="redis://ours",
        data_root=Path("/data"),
        storage_root=Path("/storage"),
        slots={Lane.BATCH: 1},
        environment=secrets,
    )
    for program in (services.renderer(), services.swagger()):
        assert not {*secrets, "DATABASE_URL", "REDIS_URL"} & set(program.env or {})
    for program in (services.api(), *services.workers()):
        assert (program.env or {})["GALA_SECRET_KEY"] == "s"
        assert not [word for word in program.argv if "ours" in word or word == "s"]
