"""The house's own rule: tests of one group run on one worker, so that what they share is made once."""

import pytest


@pytest.mark.xdist_group("groupes")
def test_un_groupe_reste_sur_un_processus(request: pytest.FixtureRequest, worker_id: str) -> None:
    if worker_id == "master":
        pytest.skip("les groupes n'existent qu'à plusieurs processus (-n)")
    assert request.node.nodeid.endswith("@groupes")
