"""Initial schema."""

import sqlalchemy as sa
from alembic import op

from modeles.migrations.gardes_0001 import GARDES
from modeles.types import Instant

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "actionjouee",
        sa.Column("cle", sa.String(length=100), nullable=False),
        sa.Column("etape", sa.String(length=60), nullable=False),
        sa.Column("verbe", sa.String(length=20), nullable=False),
        sa.Column("rang", sa.Integer(), nullable=False),
        sa.Column(
            "etat",
            sa.Enum("faite", "sautee", name="etataction_connu", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("le", Instant(), nullable=False),
        sa.Column("par", sa.String(length=60), nullable=False),
        sa.Column("motif", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("cle"),
    )
    op.create_index(op.f("ix_actionjouee_etape"), "actionjouee", ["etape"], unique=False)
    op.create_table(
        "journal",
        sa.Column("numero", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("le", Instant(), nullable=False),
        sa.Column("enregistre_le", Instant(), nullable=False),
        sa.Column("par", sa.String(length=60), nullable=False),
        sa.Column("objet", sa.String(length=20), nullable=False),
        sa.Column("objet_id", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("avant", sa.String(length=20), nullable=False),
        sa.Column("apres", sa.String(length=20), nullable=False),
        sa.Column("motif", sa.String(length=1000), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("precedente", sa.String(length=64), nullable=False),
        sa.Column("empreinte", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("numero"),
    )
    op.create_table(
        "lot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("numero", sa.String(length=40), nullable=False),
        sa.Column("etape", sa.String(length=60), nullable=False),
        sa.Column(
            "etat",
            sa.Enum(
                "propose",
                "refuse",
                "libere",
                "exporte",
                name="etatlot_connu",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("propose_par", sa.String(length=60), nullable=False),
        sa.Column("propose_le", Instant(), nullable=False),
        sa.Column("decide_par", sa.String(length=60), nullable=True),
        sa.Column("decide_le", Instant(), nullable=True),
        sa.Column("motif", sa.String(length=1000), nullable=False),
        sa.Column("nombre", sa.Integer(), nullable=False),
        sa.Column("total_centimes", sa.BigInteger(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "etat NOT IN ('libere', 'exporte') OR (decide_par IS NOT NULL AND decide_par <> propose_par)",
            name="deux_personnes",
        ),
        sa.CheckConstraint("total_centimes > 0 AND nombre > 0", name="jamais_vide"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("numero"),
    )
    op.create_index(op.f("ix_lot_etape"), "lot", ["etape"], unique=False)
    op.create_table(
        "partenaire",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("nom", sa.String(length=200), nullable=False),
        sa.Column(
            "nature",
            sa.Enum(
                "commune",
                "epci",
                "association",
                name="naturepartenaire_connu",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("siren", sa.String(length=9), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partenaire_id", sa.Integer(), nullable=False),
        sa.Column("nom", sa.String(length=200), nullable=False),
        sa.Column("courriel", sa.String(length=254), nullable=False),
        sa.Column("actif", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partenaire_id"],
            ["partenaire.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("partenaire_id", "courriel"),
    )
    op.create_index(op.f("ix_contact_partenaire_id"), "contact", ["partenaire_id"], unique=False)
    op.create_table(
        "exportlot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=10), nullable=False),
        sa.Column("nom_fichier", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("octets", sa.LargeBinary(), nullable=False),
        sa.Column("exporte_le", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lot_id"],
            ["lot.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("lot_id", "format"),
    )
    op.create_index(op.f("ix_exportlot_lot_id"), "exportlot", ["lot_id"], unique=False)
    op.create_table(
        "structure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("nom", sa.String(length=200), nullable=False),
        sa.Column("partenaire_id", sa.Integer(), nullable=False),
        sa.Column("prestation", sa.String(length=20), nullable=False),
        sa.Column("siret", sa.String(length=14), nullable=False),
        sa.Column("commune_insee", sa.String(length=5), nullable=False),
        sa.Column("commune", sa.String(length=100), nullable=False),
        sa.Column("epci_siren", sa.String(length=9), nullable=False),
        sa.Column("epci", sa.String(length=100), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column(
            "statut_gestionnaire",
            sa.Enum(
                "public", "prive", name="statutgestionnaire_connu", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("taux_regime_general", sa.String(length=20), nullable=False),
        sa.CheckConstraint("places > 0", name="places_positives"),
        sa.ForeignKeyConstraint(
            ["partenaire_id"],
            ["partenaire.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index(op.f("ix_structure_partenaire_id"), "structure", ["partenaire_id"], unique=False)
    op.create_index(op.f("ix_structure_prestation"), "structure", ["prestation"], unique=False)
    op.create_table(
        "convention",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("structure_id", sa.Integer(), nullable=False),
        sa.Column("numero", sa.String(length=40), nullable=False),
        sa.Column("du", sa.Date(), nullable=False),
        sa.Column("au", sa.Date(), nullable=False),
        sa.Column("forfait_territoire_centimes", sa.BigInteger(), nullable=False),
        sa.Column("attractivite", sa.Boolean(), nullable=False),
        sa.Column("hausse_places", sa.String(length=10), nullable=False),
        sa.CheckConstraint("du <= au", name="dates_dans_l_ordre"),
        sa.CheckConstraint("forfait_territoire_centimes >= 0", name="forfait_positif"),
        sa.ForeignKeyConstraint(
            ["structure_id"],
            ["structure.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("structure_id", "du"),
    )
    op.create_index(op.f("ix_convention_structure_id"), "convention", ["structure_id"], unique=False)
    op.create_table(
        "courriel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cle", sa.String(length=150), nullable=False),
        sa.Column("genre", sa.String(length=40), nullable=False),
        sa.Column("etape", sa.String(length=60), nullable=False),
        sa.Column("rang", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("structures", sa.JSON(), nullable=False),
        sa.Column("contexte", sa.JSON(), nullable=False),
        sa.Column(
            "etat",
            sa.Enum(
                "a_envoyer",
                "en_cours",
                "envoye",
                "sans_objet",
                "refuse",
                "a_verifier",
                name="etatcourriel_connu",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("tentatives", sa.Integer(), nullable=False),
        sa.Column("prochain_essai_le", Instant(), nullable=False),
        sa.Column("decide_le", Instant(), nullable=False),
        sa.Column("envoye_le", Instant(), nullable=True),
        sa.Column("sujet", sa.String(length=250), nullable=False),
        sa.Column("destinataire", sa.String(length=254), nullable=False),
        sa.Column("octets", sa.LargeBinary(), nullable=True),
        sa.Column("motif", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("cle"),
    )
    op.create_index(op.f("ix_courriel_contact_id"), "courriel", ["contact_id"], unique=False)
    op.create_index(op.f("ix_courriel_etape"), "courriel", ["etape"], unique=False)
    op.create_index(op.f("ix_courriel_etat"), "courriel", ["etat"], unique=False)
    op.create_table(
        "depot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("nom_fichier", sa.String(length=255), nullable=False),
        sa.Column("taille", sa.Integer(), nullable=False),
        sa.Column("octets", sa.LargeBinary(), nullable=False),
        sa.Column("origine", sa.String(length=40), nullable=False),
        sa.Column("recu_le", Instant(), nullable=False),
        sa.Column(
            "etat",
            sa.Enum(
                "recu",
                "refuse",
                "accepte",
                "remplace",
                name="etatdepot_connu",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("structure_id", sa.Integer(), nullable=True),
        sa.Column("motif", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["structure_id"],
            ["structure.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sha256"),
    )
    op.create_index(op.f("ix_depot_etat"), "depot", ["etat"], unique=False)
    op.create_index(op.f("ix_depot_structure_id"), "depot", ["structure_id"], unique=False)
    op.create_table(
        "anomaliedepot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("depot_id", sa.Integer(), nullable=False),
        sa.Column("rang", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column(
            "severite",
            sa.Enum(
                "bloquante",
                "alerte",
                "information",
                name="severite_connu",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("message", sa.String(length=1000), nullable=False),
        sa.Column("feuille", sa.String(length=31), nullable=False),
        sa.Column("cellule", sa.String(length=10), nullable=False),
        sa.Column("champ", sa.String(length=60), nullable=False),
        sa.Column("lu", sa.String(length=200), nullable=False),
        sa.Column("attendu", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["depot_id"],
            ["depot.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("depot_id", "rang"),
    )
    op.create_index(op.f("ix_anomaliedepot_depot_id"), "anomaliedepot", ["depot_id"], unique=False)
    op.create_table(
        "declaration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("structure_id", sa.Integer(), nullable=False),
        sa.Column("prestation", sa.String(length=20), nullable=False),
        sa.Column("nature", sa.String(length=20), nullable=False),
        sa.Column("exercice", sa.Integer(), nullable=False),
        sa.Column("etape", sa.String(length=60), nullable=False),
        sa.Column("depot_id", sa.Integer(), nullable=True),
        sa.Column("origine", sa.String(length=20), nullable=False),
        sa.Column("donnees", sa.JSON(), nullable=False),
        sa.Column("recue_le", Instant(), nullable=False),
        sa.Column("alertes", sa.Integer(), nullable=False),
        sa.Column(
            "etat",
            sa.Enum(
                "recue",
                "validee",
                "rejetee",
                "remplacee",
                name="etatdeclaration_connu",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["depot_id"],
            ["depot.id"],
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"],
            ["structure.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("depot_id"),
    )
    op.create_index(op.f("ix_declaration_etape"), "declaration", ["etape"], unique=False)
    op.create_index(op.f("ix_declaration_structure_id"), "declaration", ["structure_id"], unique=False)
    op.create_index(
        "uq_declaration_courante",
        "declaration",
        ["structure_id", "nature", "exercice", "etape"],
        unique=True,
        sqlite_where=sa.text("etat <> 'remplacee'"),
        postgresql_where=sa.text("etat <> 'remplacee'"),
    )
    op.create_table(
        "droit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("declaration_id", sa.Integer(), nullable=False),
        sa.Column("rang", sa.Integer(), nullable=False),
        sa.Column("connu_le", sa.Date(), nullable=False),
        sa.Column("calcule_le", Instant(), nullable=False),
        sa.Column("montant_centimes", sa.BigInteger(), nullable=True),
        sa.Column("payable", sa.Boolean(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("empreinte", sa.String(length=64), nullable=False),
        sa.Column("explication", sa.JSON(), nullable=False),
        sa.CheckConstraint("NOT payable OR montant_centimes IS NOT NULL", name="payable_a_un_montant"),
        sa.CheckConstraint("montant_centimes >= 0", name="montant_positif"),
        sa.ForeignKeyConstraint(
            ["declaration_id"],
            ["declaration.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("declaration_id", "rang"),
    )
    op.create_index(op.f("ix_droit_declaration_id"), "droit", ["declaration_id"], unique=False)
    op.create_table(
        "versement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("structure_id", sa.Integer(), nullable=False),
        sa.Column("prestation", sa.String(length=20), nullable=False),
        sa.Column("exercice", sa.Integer(), nullable=False),
        sa.Column(
            "nature",
            sa.Enum(
                "acompte",
                "solde",
                "indu",
                name="natureversement_connu",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("montant_centimes", sa.BigInteger(), nullable=False),
        sa.Column("droit_id", sa.Integer(), nullable=True),
        sa.Column(
            "etat",
            sa.Enum(
                "du",
                "en_lot",
                "libere",
                "reprise",
                "a_recouvrer",
                "annule",
                name="etatversement_connu",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("cree_le", Instant(), nullable=False),
        sa.CheckConstraint("(nature = 'indu') = (etat = 'a_recouvrer') OR etat = 'annule'", name="indu_jamais_verse"),
        sa.CheckConstraint("montant_centimes > 0", name="montant_strictement_positif"),
        sa.ForeignKeyConstraint(
            ["droit_id"],
            ["droit.id"],
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"],
            ["structure.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reference"),
    )
    op.create_index(op.f("ix_versement_droit_id"), "versement", ["droit_id"], unique=False)
    op.create_index(op.f("ix_versement_etat"), "versement", ["etat"], unique=False)
    op.create_index(op.f("ix_versement_structure_id"), "versement", ["structure_id"], unique=False)
    op.create_index(
        "uq_versement_par_droit",
        "versement",
        ["droit_id"],
        unique=True,
        sqlite_where=sa.text("etat <> 'annule'"),
        postgresql_where=sa.text("etat <> 'annule'"),
    )
    op.create_table(
        "lignelot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=False),
        sa.Column("versement_id", sa.Integer(), nullable=False),
        sa.Column("montant_centimes", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("montant_centimes > 0", name="montant_strictement_positif"),
        sa.ForeignKeyConstraint(
            ["lot_id"],
            ["lot.id"],
        ),
        sa.ForeignKeyConstraint(
            ["versement_id"],
            ["versement.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("lot_id", "versement_id"),
    )
    op.create_index(op.f("ix_lignelot_lot_id"), "lignelot", ["lot_id"], unique=False)
    op.create_index(
        "uq_ligne_active",
        "lignelot",
        ["versement_id"],
        unique=True,
        sqlite_where=sa.text("active"),
        postgresql_where=sa.text("active"),
    )
    for garde in GARDES:
        for instruction in garde.sql(op.get_bind().dialect.name):
            op.execute(instruction)
