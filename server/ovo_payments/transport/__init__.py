"""The doors of the service: gRPC for callers, HTTP for providers and operators."""
