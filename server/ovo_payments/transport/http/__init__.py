"""What providers and operators reach beside gRPC: webhooks, probes and metrics."""
