"""What the team reads of a Filoué campaign in artifacts: counts, structures, weeks. Never a child."""

from operations.filoue.suivi import SuiviFiloue, barre, pourcentage
from regles.dates import en_toutes_lettres
from tasks.textes import proteger, tableau

LARGEUR = 20


def suivi(ou: SuiviFiloue) -> str:
    """Say the response rate against its target, week by week, and who is missing."""
    parties = [
        f"**{ou.mention}** : réseau et fichiers inventés.\n" if ou.mention else "",
        f"# {proteger(ou.libelle)}",
        f"**{ou.recues} reçus sur {ou.attendues}**, soit **{pourcentage(ou.taux)}** ; cible : {pourcentage(ou.cible)}.",
        f"Limite : **{en_toutes_lettres(ou.limite)}**." if ou.limite else "",
        f"{ou.enfants} ligne(s) d’enfants, {ou.alertes} point(s) à vérifier, {_oppositions(ou)}.\n",
        tableau(
            ("Semaine du", "Taux de réponse", "Reçus"),
            [
                (f"{s.debut:%d/%m/%Y}", f"{barre(ou.part(s), LARGEUR)} {pourcentage(ou.part(s))}", str(s.recues))
                for s in ou.semaines
            ],
        )
        if ou.semaines
        else "La campagne n’est pas encore ouverte, et rien n’est arrivé.",
    ]
    if ou.manquantes:
        parties += [
            f"\n## Ce qui manque : {len(ou.manquantes)}\n",
            tableau(
                ("Structure", "Gestionnaire", "Territoire", "État"),
                [(f"{m.code} {m.nom}", m.gestionnaire, m.territoire, m.etat) for m in ou.manquantes],
            ),
        ]
    parties.append("\nUn fichier Filoué absent ne bloque aucun versement.")
    return "\n".join(parties)


def _oppositions(ou: SuiviFiloue) -> str:
    return "oppositions non dites" if ou.oppositions is None else f"{ou.oppositions} opposition(s) de familles"
