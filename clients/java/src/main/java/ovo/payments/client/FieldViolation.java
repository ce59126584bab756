package ovo.payments.client;

/** One wrong field of a request, and what is wrong with it. */
public record FieldViolation(String field, String description) {}
