"""The operator's guide: its commands are commands, its settings are settings, its figures are figures."""

import re
import shlex

import pytest

from server.api.metrics import Metrics
from server.premises.settings import Settings
from tests.conftest import ROOT
from tests.deploy.parsing import require_parsed

GUIDE = (ROOT / "docs" / "guides" / "operator.md").read_text()
BLOCKS = re.findall(r"^ *```\n(.*?)^ *```$", GUIDE, re.M | re.S)
COMMANDS = [line.strip() for block in BLOCKS for line in block.splitlines() if line.strip().startswith("waylink ")]


def test_the_guide_has_commands():
    assert len(COMMANDS) >= 15


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_guide_is_one(command):
    require_parsed(shlex.split(command)[1:])


def test_a_command_that_is_none_would_be_found():
    with pytest.raises(BaseException, match=r"."):
        require_parsed(["admin", "seat", "remove", "shelter"])
    with pytest.raises(BaseException, match=r"."):
        require_parsed(["serve", "--dta", "x"])


def test_every_setting_in_the_guide_is_one_that_there_is():
    table = GUIDE.partition("| setting |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([a-z_]+)`", table))
    assert named <= set(Settings.model_fields)
    assert {"database_url", "token_days"} <= named


def test_every_figure_in_the_guide_is_measured():
    there = {
        f"{sample}" for metric in Metrics()._registry.collect() for sample in (metric.name, f"{metric.name}_total")
    }
    assert set(re.findall(r"waylink_[a-z_]+", GUIDE)) <= there


def test_every_file_that_the_guide_names_is_there():
    named = set(re.findall(r"`((?:deploy|docs)/[\w./-]+)`", GUIDE))
    assert len(named) >= 5
    assert [name for name in named if not (ROOT / name).exists()] == []
