"""What leaves the house about the children received: the département's aggregate, the cleaned files of a hand-over."""
