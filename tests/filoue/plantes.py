"""Unmistakable invented identities planted in files, and a search for them in every byte that something left behind."""

import email
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from email import policy
from pathlib import Path

import polars as pl
from openpyxl import Workbook
from sqlalchemy import MetaData, Table, inspect, select

from demonstration.filoue import HABITUDES, Enfant, Retouches, ecrire, inventer
from operations.contexte import Contexte
from regles.filoue import StructureAttendue
from tests.filoue.fabrique import EXERCICE

MATRICULES = ("9182736", "8273645", "736451")
NAISSANCES = (date(2023, 8, 17), date(2024, 2, 29))
VILLE, NOM = "VILLEPLANTEE", "PLANTENVERS"
CODE_POSTAL = "52130"  # kept on purpose
DATES = tuple(f"{jour:{forme}}" for jour in NAISSANCES for forme in ("%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y", "%Y%m%d"))
AIGUILLES = (*MATRICULES, *DATES, VILLE, NOM, NOM.capitalize())


def enfants_plantes() -> list[Enfant]:
    """Ten children, all with a planted identity."""
    return [
        replace(
            enfant,
            matricule=MATRICULES[rang % 2],
            naissance=NAISSANCES[rang % 2],
            ville=VILLE,
            code_postal=CODE_POSTAL,
            premier=date(EXERCICE, 1, 1 + rang),
        )
        for rang, enfant in enumerate(inventer(10, EXERCICE, "plantés"))
    ]


def fichiers_plantes(attendu: StructureAttendue) -> Mapping[str, bytes]:
    """Sound, faulty and hostile files of a crèche, each full of planted identities; names too."""
    enfants = enfants_plantes()
    sain = ecrire(enfants, attendu)
    entete, *lignes = sain.split(b"\n")
    partout = {
        (2, "TAUX_EFFORT"): NOM, (3, "REGIME"): MATRICULES[0], (4, "NOMBRE_HEURES_FACTUREES"): DATES[0],
        (5, "PREMIERJOUR"): NOM, (6, "MATRICULE"): f"{NOM} {MATRICULES[0]}", (7, "CODE_POSTAL_FAMILLE"): VILLE,
        (8, "MATRICULE"): MATRICULES[2], (9, "DATE_NAISSANCE_INDIVIDU"): f"{DATES[0]} {NOM}",
        (10, "MONTANT_FACTURE"): f"{MATRICULES[0]}{MATRICULES[1]}",
    }  # fmt: skip
    return {
        f"{NOM} {MATRICULES[0]}.csv": sain,
        "fautes partout.csv": ecrire(enfants, attendu, retouches=Retouches(partout)),
        "doublons.csv": ecrire(enfants, attendu, retouches=Retouches(doubler=tuple(range(2, 12)))),
        "cp1252.csv": ecrire([replace(e, ville=f"{VILLE}-É") for e in enfants], attendu, HABITUDES["v3_cp1252"]),
        "autre structure.csv": ecrire(enfants, replace(attendu, dossier_afc="999", idequ="999")),
        "identité dans les identifiants.csv": ecrire(
            enfants, attendu, retouches=Retouches({(2, "NUMERO_DOSSIER_AFC"): MATRICULES[0], (3, "IDEQU"): NOM})
        ),
        "autre année.csv": ecrire(
            [replace(e, premier=date(2019, 1, 2), dernier=date(2019, 6, 1)) for e in enfants], attendu
        ),
        "colonne inconnue.csv": ecrire(enfants, attendu, retouches=Retouches(entete={"REGIME": f"{NOM} {DATES[0]}"})),
        "colonne en trop.csv": b"\n".join(
            [entete + b";NOM_" + NOM.encode(), *(ligne + b";" + NOM.encode() for ligne in lignes)]
        ),
        "sans en-tête.csv": b"\n".join(lignes),
        "tronqué.csv": sain[: len(sain) // 2],
        "guillemet.csv": entete + b'\n"' + b"\n".join(lignes),
        "ligne courte.csv": entete + b"\n" + f"521;{MATRICULES[0]};{NOM}".encode(),
        "ligne longue.csv": entete + b"\n" + lignes[0] + NOM.encode() * 2000,
        "zéros.csv": sain + b"\x00" * 10,
        "utf-16.csv": sain.decode().encode("utf-16"),
        "virgules.csv": sain.replace(b";", b","),
        "enregistré en classeur.xlsx": _en_classeur(sain),
        "tabulations sans en-tête.csv": b"\n".join(lignes).replace(b";", b"\t"),
    }  # fmt: skip


def _en_classeur(octets: bytes) -> bytes:
    """The same lines saved by a spreadsheet."""
    classeur, flux = Workbook(write_only=True), io.BytesIO()
    feuille = classeur.create_sheet()
    for ligne in octets.decode().splitlines():
        feuille.append(ligne.split(";"))
    classeur.save(flux)
    return flux.getvalue()


def chercher(octets: bytes) -> list[str]:
    """Give the planted words found in some bytes, whatever their encoding, inside archives and mails too."""
    trouvees = [a for a in AIGUILLES for c in ("utf-8", "utf-16-le", "utf-16-be") if a.encode(c) in octets]
    if zipfile.is_zipfile(io.BytesIO(octets)):
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            trouvees += [a for nom in archive.namelist() for a in chercher(archive.read(nom) + nom.encode())]
    if octets.startswith(b"PAR1"):
        trouvees += chercher(str(pl.read_parquet(io.BytesIO(octets)).to_dicts()).encode())
    return trouvees


def fouiller_dossier(dossier: Path) -> Iterator[tuple[str, str]]:
    """Give (where, planted word) over the names and the bytes of every file under a folder; mails are opened."""
    for chemin in sorted(dossier.rglob("*")):
        for trouvee in chercher(str(chemin.relative_to(dossier)).encode()):
            yield f"nom de {chemin.parent.name}/…", trouvee
        if chemin.is_file():
            octets = chemin.read_bytes()
            for morceau in (octets, *(_parties(octets) if chemin.suffix == ".eml" else ())):
                for trouvee in chercher(morceau):
                    yield str(chemin.relative_to(dossier)), trouvee


def _parties(octets: bytes) -> Iterator[bytes]:
    message = email.message_from_bytes(octets, policy=policy.default)
    yield str(message["subject"]).encode()
    for partie in message.walk():
        if not partie.is_multipart():
            yield partie.get_payload(decode=True) or b""


def fouiller_base(contexte: Contexte) -> Iterator[tuple[str, str]]:
    """Give (table.column, planted word) over every value of the database, mails opened, tables unpacked."""
    with contexte.moteur.connect() as connexion:
        for nom in inspect(connexion).get_table_names():
            for rangee in connexion.execute(select(Table(nom, MetaData(), autoload_with=connexion))).mappings():
                for colonne, valeur in rangee.items():
                    octets = valeur if isinstance(valeur, bytes) else str(valeur).encode()
                    morceaux = [octets, *(_parties(octets) if (nom, colonne) == ("courriel", "octets") else ())]
                    yield from ((f"{nom}.{colonne}", t) for m in morceaux for t in chercher(m))


def fouiller_textes(textes: Iterable[str]) -> list[str]:
    """Give the planted words found in some texts."""
    return [trouvee for t in textes for trouvee in chercher(t.encode())]
