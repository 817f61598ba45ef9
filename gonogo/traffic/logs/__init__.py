"""The components' logs: received over OTLP (`otlp`), or read from files (`files`, `lines`); `log_store` keeps them."""
