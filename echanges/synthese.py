"""The summary of an exported batch as a PDF to sign and keep: totals, biggest payments, fingerprints of the files."""

import hashlib
import io
from collections import defaultdict
from collections.abc import Sequence
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle
from reportlab.platypus.flowables import Flowable

from echanges.bordereau import EnteteBordereau, LigneBordereau
from echanges.paquet import Fichier
from regles.monnaie import FINE_INSECABLE, INSECABLE, formater_euros

PLUS_GROS = 10
A_DROITE = frozenset({"Nombre", "Liquidé", "Indus retenus", "Net à payer"})
BLEU, TRAIT, ALERTE = colors.HexColor("#1F3A5F"), colors.HexColor("#D5DBE1"), colors.HexColor("#8A3B00")
TEXTE = ParagraphStyle("texte", fontName="Helvetica", fontSize=9, leading=12)
FIN = ParagraphStyle("fin", parent=TEXTE, fontName="Courier", fontSize=6.6, leading=8.5)
GRAND = ParagraphStyle("grand", parent=TEXTE, fontName="Helvetica-Bold", fontSize=16, leading=20, textColor=BLEU)
TITRE = ParagraphStyle("titre", parent=GRAND, fontSize=11, leading=15, spaceBefore=9)
MENTION = ParagraphStyle("mention", parent=TITRE, textColor=ALERTE, borderColor=ALERTE, borderWidth=1, borderPadding=5)
DROITE = ParagraphStyle("droite", parent=TEXTE, alignment=2)


def synthese_pdf(entete: EnteteBordereau, lignes: Sequence[LigneBordereau], fichiers: Sequence[Fichier]) -> bytes:
    """Write the summary of a batch and of its files; the same batch always gives the same bytes."""
    tampon = io.BytesIO()
    document = SimpleDocTemplate(
        tampon, pagesize=A4, invariant=1, title=_ansi(f"Lot {entete.numero}"), author="",
        leftMargin=16 * mm, rightMargin=16 * mm, topMargin=14 * mm, bottomMargin=14 * mm,
    )  # fmt: skip
    document.build(list(_corps(entete, lignes, fichiers)))
    return tampon.getvalue()


def _corps(
    entete: EnteteBordereau, lignes: Sequence[LigneBordereau], fichiers: Sequence[Fichier]
) -> Sequence[Flowable]:
    net = sum(ligne.net_centimes for ligne in lignes)
    corps: list[Flowable] = []
    if entete.mention:
        corps += [_p(f"{entete.mention} : montants inventés, à ne pas payer", MENTION), Spacer(1, 4 * mm)]
    corps += [
        _p(f"Lot {entete.numero}", GRAND),
        _p(f"{len(lignes)} versement(s), {formater_euros(net)} à payer."),
        _p(
            f"Proposé par {entete.propose_par} ; ordonnancé par {entete.ordonne_par}, le {entete.ordonne_le} ; "
            f"visé par {entete.vise_par}, le {entete.vise_le}."
        ),
        _p("Totaux", TITRE),
        _totaux(lignes),
        _p(f"Les {min(PLUS_GROS, len(lignes))} plus gros versements", TITRE),
        _plus_gros(lignes),
        _p("Fichiers du paquet (sha256)", TITRE),
        *(_p(f"{nom} : {hashlib.sha256(octets).hexdigest()}", FIN) for nom, octets in fichiers),
        _p("Tête du journal avant l’export", TITRE),
        _p(entete.tete_du_journal, FIN),
        _p("Visas", TITRE),
        _visas(),
    ]
    return corps


def _totaux(lignes: Sequence[LigneBordereau]) -> Table:
    sommes: dict[tuple[str, int, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for ligne in lignes:
        cumul = sommes[ligne.prestation, ligne.exercice, ligne.nature]
        for rang, valeur in enumerate((1, ligne.liquide_centimes, ligne.retenu_centimes, ligne.net_centimes)):
            cumul[rang] += valeur
    rangees = [
        (f"{prestation.replace('_', ' ')} {exercice}, {nature}", str(n), *map(formater_euros, montants))
        for (prestation, exercice, nature), (n, *montants) in sorted(sommes.items())
    ]
    total = [sum(cumul[rang] for cumul in sommes.values()) for rang in range(4)]
    titres = ("Prestation", "Nombre", "Liquidé", "Indus retenus", "Net à payer")
    return _tableau([titres, *rangees, ("Total", str(total[0]), *map(formater_euros, total[1:]))], (70, 18, 30, 30, 30))


def _plus_gros(lignes: Sequence[LigneBordereau]) -> Table:
    gros = sorted(lignes, key=lambda li: (-li.net_centimes, li.reference))[:PLUS_GROS]
    rangees = [(li.gestionnaire, li.structure, li.compte, formater_euros(li.net_centimes)) for li in gros]
    return _tableau([("Bénéficiaire", "Structure", "Compte", "Net à payer"), *rangees], (62, 56, 30, 30))


def _visas() -> Table:
    titres = [_p("Ordonnateur"), _p("Directeur comptable et financier")]
    cases = Table([titres, ["", ""]], [89 * mm, 89 * mm], [6 * mm, 22 * mm])
    cases.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, TRAIT)]))
    return cases


def _tableau(rangees: Sequence[Sequence[str]], largeurs_mm: Sequence[int]) -> Table:
    """Lay out rows of texts; the first is the titles, the columns of amounts are on the right."""
    montants = {rang for rang, titre in enumerate(rangees[0]) if titre in A_DROITE}
    cellules = [
        [_p(texte, DROITE if rang in montants else TEXTE) for rang, texte in enumerate(rangee)] for rangee in rangees
    ]
    tableau = Table(cellules, [largeur * mm for largeur in largeurs_mm], repeatRows=1)
    tableau.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, 0), 1, BLEU),
                ("LINEBELOW", (0, 1), (-1, -1), 0.4, TRAIT),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
            ]
        )
    )
    return tableau


def _p(texte: str, style: ParagraphStyle = TEXTE) -> Paragraph:
    return Paragraph(escape(_ansi(texte)), style)


def _ansi(texte: str) -> str:
    """Keep what the standard fonts of a PDF hold; a thin space is a space."""
    return texte.replace(FINE_INSECABLE, INSECABLE).encode("cp1252", "replace").decode("cp1252")
