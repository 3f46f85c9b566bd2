"""The team's board: who is late, who must act, which amounts wait, by territory and by prestation."""
