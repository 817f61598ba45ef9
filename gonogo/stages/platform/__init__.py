"""The platform stage: features/platform, beside what the gate itself probes. The same in every environment."""
