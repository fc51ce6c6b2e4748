import pytest

from ci_sim import UserError
from ci_sim.studies.statistics import extras


def test_a_study_whose_libraries_are_missing_is_refused_with_what_to_install(monkeypatch):
    monkeypatch.setattr(extras, "_STUDIES", ("no_such_library",))
    with pytest.raises(UserError, match=r"needs no_such_library; install with: pip install 'ci-sim\[studies\]'"):
        extras.need_studies()
