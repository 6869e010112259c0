"""The keys that sign proof files: the platform's, one at a time, their public halves published for ever."""
