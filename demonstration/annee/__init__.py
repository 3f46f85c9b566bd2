"""The simulated year: every step of the calendar played day by day on the invented network, with its checks."""
