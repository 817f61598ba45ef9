"""What a load profile says about the release: whether its run can be believed, and what it met and missed."""
