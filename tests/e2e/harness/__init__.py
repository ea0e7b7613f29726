"""What the end-to-end tests stand on: engines, loads, independent readers, the exporter and a Prometheus."""
