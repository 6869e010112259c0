"""The service as its operators see it: two web processes and a worker, their metrics, and what they write down."""
