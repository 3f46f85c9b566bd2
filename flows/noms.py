"""Names by which the deployments of prefect.yaml are called from elsewhere (« flow/deployment »)."""

BASSIN = "campagnes"
CALENDRIER = "Étape du calendrier/calendrier"
