"""Records a scenario and stores its evidence."""
