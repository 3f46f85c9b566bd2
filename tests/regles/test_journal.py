"""The fingerprint of a line is the sha256 of its canonical JSON, whatever the texts it covers."""

import hashlib
import json

from hypothesis import given
from hypothesis import strategies as st

from regles.journal import COUVERTES, GENESE, empreinte

TEXTES = st.lists(st.text(max_size=12), min_size=len(COUVERTES), max_size=len(COUVERTES))


@given(TEXTES, st.integers(1))
def test_l_empreinte_est_celle_du_json_canonique(textes: list[str], numero: int) -> None:
    contenu = {**dict(zip(COUVERTES, textes, strict=True)), "numero": numero}
    canonique = json.dumps(contenu, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    attendue = hashlib.sha256(f"{GENESE}\n{canonique}".encode()).hexdigest()
    assert empreinte(GENESE, [contenu[nom] for nom in COUVERTES]) == attendue
