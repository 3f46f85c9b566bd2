"""Triggers of dossiers, requests and people, as migration 0005 installs them. Frozen with it."""

from modeles.gardes import Garde, inchangees, intouchable

ADMINISTRATEURS = 2
_DEJA = (
    "SELECT COUNT(*) FROM contact c WHERE c.partenaire_id = NEW.partenaire_id AND c.role = 'administrateur' "
    "AND c.actif AND c.id IS DISTINCT FROM NEW.id"
)
_EN_VIGUEUR = "NOT EXISTS (SELECT 1 FROM annulation a WHERE a.decision_id = d.id)"


def _sans_retour(table: str, quoi: str, *passages: tuple[str, str]) -> Garde:
    permis = " AND ".join(f"NOT (OLD.etat = '{avant}' AND NEW.etat = '{apres}')" for avant, apres in passages)
    return Garde(
        f"garde_{table}_etats",
        table,
        "UPDATE",
        f"NEW.etat <> OLD.etat AND {permis}",
        f"ce changement d'état {quoi} est interdit",
    )


def _jamais_efface(table: str, quoi: str) -> Garde:
    return Garde(f"garde_{table}_delete", table, "DELETE", "1 = 1", f"{quoi} ne s'efface pas")


GARDES: tuple[Garde, ...] = (
    *intouchable("prolongation", "une prolongation"),
    *intouchable("decision", "une décision"),
    *intouchable("annulation", "une annulation"),
    Garde(
        "garde_annulation_insert",
        "annulation",
        "INSERT",
        "EXISTS (SELECT 1 FROM decision d JOIN demande q ON q.id = d.demande_id "
        "JOIN structure s ON s.code = q.reference WHERE d.id = NEW.decision_id)",
        "une décision dont la convention est enregistrée ne s'annule plus",
    ),
    Garde(
        "garde_decision_une",
        "decision",
        "INSERT",
        "EXISTS (SELECT 1 FROM decision d WHERE d.demande_id = NEW.demande_id AND d.commission = NEW.commission "
        f"AND {_EN_VIGUEUR})",
        "cette séance a déjà décidé de cette demande",
    ),
    Garde(
        "garde_decision_insert",
        "decision",
        "INSERT",
        "NEW.montant_centimes > (SELECT d.montant_demande_centimes FROM demande d WHERE d.id = NEW.demande_id)",
        "une commission n'accorde pas plus que la demande",
    ),
    Garde(
        "garde_decision_inscrite",
        "decision",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM demande d WHERE d.id = NEW.demande_id AND d.etat = 'inscrite' "
        "AND d.commission = NEW.commission)",
        "une commission ne décide que de ce qui est inscrit à sa séance",
    ),
    _jamais_efface("demande", "une demande"),
    Garde(
        "garde_demande_update",
        "demande",
        "UPDATE",
        inchangees("reference", "dossier_id", "exercice", "deposee_le")
        + " OR (OLD.etat <> 'deposee' AND ("
        + inchangees("objet", "enveloppe", "montant_demande_centimes", "budget_centimes", "structure_id")
        + "))",
        "une demande inscrite ne change plus",
    ),
    _sans_retour(
        "demande",
        "de la demande",
        ("deposee", "inscrite"),
        ("deposee", "retiree"),
        ("inscrite", "deposee"),
        ("inscrite", "accordee"),
        ("inscrite", "refusee"),
        ("inscrite", "retiree"),
        ("accordee", "inscrite"),
        ("refusee", "inscrite"),
    ),
    Garde(
        "garde_demande_annulee",
        "demande",
        "UPDATE",
        "OLD.etat IN ('accordee', 'refusee') AND NEW.etat = 'inscrite' AND (NEW.commission <> OLD.commission OR EXISTS "
        f"(SELECT 1 FROM decision d WHERE d.demande_id = NEW.id AND d.commission = OLD.commission AND {_EN_VIGUEUR}))",
        "une demande décidée ne se rouvre qu'une fois sa décision annulée",
    ),
    Garde(
        "garde_demande_decidee",
        "demande",
        "UPDATE",
        "NEW.etat IN ('accordee', 'refusee') AND NEW.etat <> OLD.etat AND NOT EXISTS (SELECT 1 FROM decision d "
        f"WHERE d.demande_id = NEW.id AND d.commission = NEW.commission AND {_EN_VIGUEUR} "
        "AND d.sens = CASE NEW.etat WHEN 'accordee' THEN 'accord' ELSE 'refus' END)",
        "une demande n'est accordée ou refusée que par une décision",
    ),
    _jamais_efface("dossier", "un dossier"),
    Garde(
        "garde_dossier_update",
        "dossier",
        "UPDATE",
        inchangees("etape", "partenaire_id", "structure_id", "cree_le"),
        "l'origine d'un dossier ne change pas",
    ),
    _jamais_efface("piece", "une pièce"),
    Garde(
        "garde_piece_update",
        "piece",
        "UPDATE",
        inchangees("dossier_id", "code", "origine", "nom_fichier", "sha256", "octets", "recue_le", "par"),
        "une pièce reçue ne se modifie pas",
    ),
    _sans_retour("piece", "de la pièce", ("recue", "refusee"), ("recue", "remplacee"), ("refusee", "remplacee")),
    _jamais_efface("tache", "une tâche"),
    Garde(
        "garde_tache_update",
        "tache",
        "UPDATE",
        "OLD.etat <> 'ouverte' OR (" + inchangees("cle", "genre", "etape", "partenaire_id", "creee_le") + ")",
        "une tâche close ne se modifie pas",
    ),
    *(
        Garde(
            f"garde_contact_{moment.lower()}",
            "contact",
            moment,
            f"NEW.role = 'administrateur' AND NEW.actif AND ({_DEJA}) >= {ADMINISTRATEURS}",
            "un partenaire a deux administrateurs au plus",
        )
        for moment in ("INSERT", "UPDATE")
    ),
)
