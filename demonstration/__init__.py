"""The invented world of `make demo`: real communes, invented crèches, a fixed seed."""
