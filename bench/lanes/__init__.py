"""Whether a dead extranet delays the others' retirements (`make bench-lanes`): 50 sources, workers as in production."""
