package ovo.payments.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * How long a watch waits before it connects again.
 *
 * <p>The delay doubles from {@code first} to {@code max}; of each a random share is waited, so that not all watchers
 * return at once. A connection whose heartbeat is later than {@code heartbeatLate} counts as dead, though nothing
 * tells that it broke. {@code onInterruption} hears of each broken connection.
 */
public record Backoff(
    Duration first, Duration max, Duration heartbeatLate, Consumer<OvoPaymentsException> onInterruption) {

  /** Never gives up; closing a watch ends it. */
  public static final Backoff DEFAULT =
      new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10), Duration.ofSeconds(5), interruption -> {});

  /** The same delays, and somebody who hears of each broken connection. */
  public Backoff withOnInterruption(Consumer<OvoPaymentsException> listener) {
    return new Backoff(first, max, heartbeatLate, listener);
  }

  /** Tells the wait after an attempt, counted from 1. */
  Duration delay(OvoPaymentsException error, int attempt) {
    double ceilingMs = Math.min(max.toMillis(), first.toMillis() * Math.pow(2, Math.min(attempt - 1, 30)));
    // The service asks the same of all: without the random share they would return as one.
    long shareMs = (long) (ceilingMs * ThreadLocalRandom.current().nextDouble());
    return error.retryDelay().plusMillis(shareMs);
  }
}
