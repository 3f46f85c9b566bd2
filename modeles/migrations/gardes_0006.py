"""Triggers of a batch with three signatures, suspended lines and bank results, as migration 0006 installs them.

Those of 0002 and 0004 that it replaces have the same name here. A due released by a visa comes back only once no line
holds it, and a line lets go of a due in three ways only: a suspension, the refusal of its batch before the export, a
rejection by the bank after it.
"""

from modeles.gardes import Garde, inchangees

ANCIENNE_SIGNATURE = "avant la troisième signature"
PARTIS = "('exporte', 'transmis', 'execute')"
VISES = "('libere', 'exporte', 'transmis', 'execute')"
SON_LOT = "(SELECT etat FROM lot WHERE id = OLD.lot_id)"
LIGNE_ACTIVE = "SELECT 1 FROM lignelot l JOIN lot o ON o.id = l.lot_id WHERE l.versement_id = NEW.id AND l.active"
SUSPENDU = "EXISTS (SELECT 1 FROM suspension s WHERE s.versement_id = NEW.versement_id AND s.levee_le IS NULL)"
RENTRE = (
    "(SELECT COALESCE(SUM(r.montant_centimes), 0) FROM recouvrement r "
    "LEFT JOIN lignelot l ON l.id = r.ligne_id LEFT JOIN lot o ON o.id = l.lot_id "
    f"WHERE r.indu_id = NEW.id AND (r.ligne_id IS NULL OR (l.active AND o.etat IN {VISES})))"
)
COMPTE_DES_LIGNES = (
    "(SELECT COALESCE(SUM(l.montant_centimes), 0), COUNT(*) FROM lignelot l WHERE l.lot_id = NEW.id AND l.active)"
)

VERSEMENTS = (
    Garde(
        "garde_versement_retour",
        "versement",
        "UPDATE",
        "NEW.etat <> OLD.etat AND (OLD.etat IN ('reprise', 'annule') "
        "OR (OLD.etat = 'recouvre' AND NEW.etat <> 'a_recouvrer') "
        f"OR (OLD.etat = 'libere' AND NOT ((NEW.etat = 'du' AND NOT EXISTS ({LIGNE_ACTIVE})) "
        f"OR (NEW.etat = 'en_lot' AND EXISTS ({LIGNE_ACTIVE} AND o.etat = 'propose')))))",
        "un versement libéré, repris, recouvré ou annulé est définitif",
    ),
    Garde(
        "garde_versement_du",
        "versement",
        "UPDATE",
        f"NEW.etat = 'du' AND OLD.etat = 'en_lot' AND EXISTS ({LIGNE_ACTIVE})",
        "un versement qu'une ligne tient n'est pas rendu",
    ),
    Garde(
        "garde_versement_recouvre",
        "versement",
        "UPDATE",
        f"NEW.etat = 'recouvre' AND OLD.etat <> 'recouvre' AND NEW.montant_centimes <> {RENTRE}",
        "un indu n'est recouvré qu'une fois son montant entier rentré",
    ),
    Garde(
        "garde_versement_rouvert",
        "versement",
        "UPDATE",
        f"NEW.etat = 'a_recouvrer' AND OLD.etat = 'recouvre' AND NEW.montant_centimes <= {RENTRE}",
        "un indu rentré entier ne se rouvre pas",
    ),
    Garde(
        "garde_versement_libere",
        "versement",
        "UPDATE",
        f"NEW.etat = 'libere' AND OLD.etat = 'en_lot' AND NOT EXISTS ({LIGNE_ACTIVE} AND o.etat IN {VISES})",
        "un versement n'est libéré qu'avec son lot",
    ),
    Garde(
        "garde_versement_contrepasse",
        "versement",
        "INSERT",
        "NEW.contrepasse_id IS NOT NULL AND (NEW.nature <> 'indu' OR NOT EXISTS (SELECT 1 FROM versement v "
        "JOIN lignelot l ON l.versement_id = v.id AND l.active AND l.etat = 'payee' "
        "WHERE v.id = NEW.contrepasse_id AND v.etat = 'libere' AND v.structure_id = NEW.structure_id "
        "AND v.exercice = NEW.exercice AND v.montant_centimes = NEW.montant_centimes))",
        "une contre-passation reprend un versement payé, en entier",
    ),
    Garde(
        "garde_versement_contrepasse_fige",
        "versement",
        "UPDATE",
        f"{inchangees('contrepasse_id')} OR (NEW.contrepasse_id IS NOT NULL AND NEW.etat = 'annule')",
        "une contre-passation ne change ni ne s'annule",
    ),
)

LOTS = (
    Garde(
        "garde_lot_update",
        "lot",
        "UPDATE",
        inchangees("numero", "etape", "propose_par", "propose_le", "demonstration"),
        "un lot proposé est figé",
    ),
    Garde(
        "garde_lot_compte",
        "lot",
        "UPDATE",
        f"({inchangees('nombre', 'total_centimes')}) AND NOT (OLD.etat = 'propose' AND NEW.etat = 'propose' "
        f"AND NEW.nombre < OLD.nombre AND (NEW.total_centimes, NEW.nombre) = {COMPTE_DES_LIGNES})",
        "le compte d'un lot est figé, sauf une ligne mise de côté",
    ),
    Garde(
        "garde_lot_etats",
        "lot",
        "UPDATE",
        "NEW.etat <> OLD.etat AND NOT (OLD.etat = 'propose' AND NEW.etat IN ('ordonnance', 'refuse')) "
        "AND NOT (OLD.etat = 'ordonnance' AND NEW.etat IN ('libere', 'refuse', 'propose')) "
        "AND NOT (OLD.etat = 'libere' AND NEW.etat IN ('exporte', 'refuse', 'propose')) "
        "AND NOT (OLD.etat = 'exporte' AND NEW.etat = 'transmis') "
        "AND NOT (OLD.etat = 'transmis' AND NEW.etat = 'execute')",
        "ce changement d'état du lot est interdit",
    ),
    Garde(
        "garde_lot_ordonne",
        "lot",
        "UPDATE",
        f"({inchangees('ordonne_par', 'ordonne_le')}) AND (NEW.etat = OLD.etat OR NEW.etat NOT IN "
        f"('ordonnance', 'propose') OR NEW.ordonne_par = '{ANCIENNE_SIGNATURE}')",
        "la signature d'un lot est définitive",
    ),
    Garde(
        "garde_lot_decision",
        "lot",
        "UPDATE",
        f"({inchangees('decide_par', 'decide_le', 'motif')}) "
        "AND (NEW.etat = OLD.etat OR NEW.etat NOT IN ('libere', 'refuse', 'propose'))",
        "la décision sur un lot est définitive",
    ),
    Garde(
        "garde_lot_transmis",
        "lot",
        "UPDATE",
        f"({inchangees('transmis_par', 'transmis_le')}) AND NOT (OLD.etat = 'exporte' AND NEW.etat = 'transmis')",
        "la transmission d'un lot est définitive",
    ),
    Garde(
        "garde_lot_total",
        "lot",
        "UPDATE",
        "NEW.etat IN ('ordonnance', 'libere', 'exporte') AND OLD.etat <> NEW.etat AND "
        f"((NEW.total_centimes, NEW.nombre) <> {COMPTE_DES_LIGNES} "
        "OR EXISTS (SELECT 1 FROM lignelot l WHERE l.lot_id = NEW.id AND l.active AND l.retenue_centimes <> "
        "(SELECT COALESCE(SUM(r.montant_centimes), 0) FROM recouvrement r WHERE r.ligne_id = l.id)))",
        "le total du lot n'est pas celui de ses lignes",
    ),
    Garde(
        "garde_lot_execute",
        "lot",
        "UPDATE",
        "NEW.etat = 'execute' AND OLD.etat <> 'execute' AND EXISTS "
        "(SELECT 1 FROM lignelot l WHERE l.lot_id = NEW.id AND l.active AND l.etat <> 'payee')",
        "un lot n'est exécuté qu'une fois chaque ligne payée ou rejetée",
    ),
)

LIGNES = (
    Garde(
        "garde_lignelot_update",
        "lignelot",
        "UPDATE",
        inchangees("lot_id", "versement_id", "montant_centimes", "retenue_centimes", "coordonnee_id")
        + " OR (NEW.active AND NOT OLD.active)",
        "une ligne de lot est figée",
    ),
    Garde(
        "garde_lignelot_retrait",
        "lignelot",
        "UPDATE",
        f"OLD.active AND NOT NEW.active AND NOT ({SON_LOT} = 'refuse' "
        f"OR (NEW.etat = 'suspendue' AND {SON_LOT} = 'propose') OR (NEW.etat = 'rejetee' AND {SON_LOT} = 'transmis'))",
        "une ligne de lot est figée : seuls une suspension, un refus du lot ou un rejet de la banque la retirent",
    ),
    Garde(
        "garde_lignelot_resultat",
        "lignelot",
        "UPDATE",
        f"({inchangees('etat', 'code_rejet', 'resultat_le')}) AND NOT (OLD.etat = 'en_attente' AND OLD.active AND "
        f"((NEW.etat = 'suspendue' AND {SON_LOT} = 'propose' AND {SUSPENDU}) "
        f"OR (NEW.etat IN ('payee', 'rejetee') AND {SON_LOT} = 'transmis')))",
        "une ligne payée, rejetée ou suspendue est définitive, et n'attend un résultat que d'un lot transmis",
    ),
    Garde(
        "garde_lignelot_insert",
        "lignelot",
        "INSERT",
        "(SELECT etat FROM lot WHERE id = NEW.lot_id) <> 'propose' OR NEW.etat <> 'en_attente' OR "
        "NEW.montant_centimes + NEW.retenue_centimes <> "
        "(SELECT montant_centimes FROM versement WHERE id = NEW.versement_id)",
        "une ligne s'ajoute à un lot proposé, pour le montant du versement",
    ),
    Garde(
        "garde_lignelot_suspendu",
        "lignelot",
        "INSERT",
        SUSPENDU,
        "un versement suspendu n'entre dans aucun lot",
    ),
)

SUSPENSIONS = (
    Garde("garde_suspension_delete", "suspension", "DELETE", "1 = 1", "une suspension ne s'efface pas"),
    Garde(
        "garde_suspension_update",
        "suspension",
        "UPDATE",
        inchangees("versement_id", "motif", "texte", "par", "le") + " OR OLD.levee_le IS NOT NULL",
        "une suspension se lève une fois, et ne change pas",
    ),
    Garde(
        "garde_suspension_insert",
        "suspension",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM versement v WHERE v.id = NEW.versement_id AND v.etat IN ('du', 'en_lot'))",
        "seul un versement encore à payer se suspend",
    ),
)

GARDES: tuple[Garde, ...] = (*VERSEMENTS, *LOTS, *LIGNES, *SUSPENSIONS)
