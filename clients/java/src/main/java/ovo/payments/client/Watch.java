package ovo.payments.client;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.CountDownLatch;

/**
 * A stream that goes on over broken connections: one loop over it, in one thread.
 *
 * <p>The loop throws {@link OvoPaymentsException} where the call can't succeed. Closing the watch, from any thread,
 * ends the loop; interrupting its thread throws {@link CancellationException}.
 */
public final class Watch<E> implements Iterable<E>, AutoCloseable {
  private final Following<?, ?, E> following;

  <I, M> Watch(Place<I, M, E> place, Backoff backoff) {
    following = new Following<>(place, backoff);
  }

  @Override
  public Iterator<E> iterator() {
    return following;
  }

  /** Ends the stream; the payment goes on. */
  @Override
  public void close() {
    following.close();
  }

  private static final class Following<I, M, E> implements Iterator<E> {
    private final Place<I, M, E> place;
    private final Backoff backoff;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile OneStream<I, M> stream;
    private E next;
    private int attempt;
    private boolean over;

    Following(Place<I, M, E> place, Backoff backoff) {
      this.place = place;
      this.backoff = backoff;
    }

    @Override
    public boolean hasNext() {
      while (next == null && !over) {
        try {
          advance();
        } catch (OvoPaymentsException error) {
          leave();
          if (closed.getCount() == 0) {
            over = true;
          } else if (error.isRetryable()) {
            pause(error);
          } else {
            over = true;
            throw error;
          }
        } catch (InterruptedException interruption) {
          throw interrupted(interruption);
        }
      }
      return next != null;
    }

    @Override
    public E next() {
      if (!hasNext()) {
        throw new NoSuchElementException("the stream has ended");
      }
      E event = next;
      next = null;
      return event;
    }

    void close() {
      closed.countDown();
      leave();
    }

    /** Reads a message; the stream's end ends the loop. */
    private void advance() throws InterruptedException {
      if (stream == null) {
        OneStream<I, M> opened = new OneStream<>(place.heartbeat().plus(backoff.heartbeatLate()));
        stream = opened;
        place.open(opened);
        if (closed.getCount() == 0) {
          leave();
        }
      }
      Optional<M> message = stream == null ? Optional.empty() : stream.read();
      if (message.isEmpty()) {
        over = true;
        return;
      }
      place.take(message.get())
          .ifPresent(
              event -> {
                attempt = 0;
                next = event;
              });
    }

    private void pause(OvoPaymentsException error) {
      attempt += 1;
      backoff.onInterruption().accept(error);
      try {
        over = closed.await(backoff.delay(error, attempt).toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException interruption) {
        throw interrupted(interruption);
      }
    }

    private CancellationException interrupted(InterruptedException interruption) {
      close();
      over = true;
      Thread.currentThread().interrupt();
      CancellationException cancelled = new CancellationException("the watching thread was interrupted");
      cancelled.initCause(interruption);
      return cancelled;
    }

    private void leave() {
      OneStream<I, M> left = stream;
      stream = null;
      if (left != null) {
        left.cancel();
      }
    }
  }
}
