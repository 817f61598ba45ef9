"""The platform stage: features/platform, in addition to the gate's own probes. It is the same in every environment."""
