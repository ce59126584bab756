package ovo.payments.client;

import io.grpc.CallCredentials;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Says how a client connects; {@link OvoPaymentsClient#to} begins it. */
public final class Connecting {
  /** Names of this machine, with or without a scheme. */
  private static final Pattern LOOPBACK =
      Pattern.compile("unix:.*|(dns:(///)?)?(localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d+)?");

  private final String target;
  private ChannelCredentials tls;
  private Supplier<String> token;
  private boolean tokenInClear;
  private Duration deadline = Duration.ofSeconds(30);
  private Backoff backoff = Backoff.DEFAULT;

  Connecting(String target) {
    this.target = target;
  }

  /** Speaks TLS, trusting Java's own list of authorities. */
  public Connecting tls() {
    tls = TlsChannelCredentials.create();
    return this;
  }

  /** Speaks TLS, trusting the authority of a PEM file. */
  public Connecting tls(File authority) throws IOException {
    tls = TlsChannelCredentials.newBuilder().trustManager(authority).build();
    return this;
  }

  /** Speaks mutual TLS: PEM files of the authority to trust, the caller's certificate and its PKCS #8 key. */
  public Connecting tls(File authority, File certificate, File privateKey) throws IOException {
    tls = TlsChannelCredentials.newBuilder().trustManager(authority).keyManager(certificate, privateKey).build();
    return this;
  }

  /** Names the caller in each call. */
  public Connecting token(String caller) {
    return token(() -> caller);
  }

  /** Asks for the caller's token at each call. */
  public Connecting token(Supplier<String> caller) {
    token = caller;
    return this;
  }

  /** Sends the token without TLS to another machine: something else seals the connection. */
  public Connecting allowTokenInClear() {
    tokenInClear = true;
    return this;
  }

  /** Bounds each unary call; 30 s where not said. */
  public Connecting deadline(Duration bound) {
    deadline = bound;
    return this;
  }

  /** Says how watches wait before they connect again. */
  public Connecting backoff(Backoff waiting) {
    backoff = waiting;
    return this;
  }

  /** Makes the client; the connection itself is made with the first call. */
  public OvoPaymentsClient connect() {
    if (token != null && tls == null && !tokenInClear && !LOOPBACK.matcher(target).matches()) {
      throw new IllegalArgumentException(
          "the token would travel to " + target + " in clear: use tls(), "
              + "or allowTokenInClear() where something else seals the connection");
    }
    ManagedChannel channel =
        Grpc.newChannelBuilder(target, tls == null ? InsecureChannelCredentials.create() : tls)
            .defaultServiceConfig(ServiceConfig.VALUE)
            .enableRetry()
            .userAgent("ovo-payments-client-java/" + OvoPaymentsClient.VERSION)
            // A ping every half minute while a call is open; the service takes one in 10 s.
            .keepAliveTime(30, TimeUnit.SECONDS)
            .keepAliveTimeout(10, TimeUnit.SECONDS)
            .build();
    return new OvoPaymentsClient(channel, token == null ? null : new Bearer(token), deadline, backoff);
  }

  /** Puts the token into the metadata of each call. */
  private static final class Bearer extends CallCredentials {
    private static final Metadata.Key<String> AUTHORIZATION =
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final Supplier<String> token;

    Bearer(Supplier<String> token) {
      this.token = token;
    }

    @Override
    public void applyRequestMetadata(RequestInfo call, Executor executor, MetadataApplier applier) {
      executor.execute(
          () -> {
            try {
              Metadata metadata = new Metadata();
              metadata.put(AUTHORIZATION, "Bearer " + token.get());
              applier.apply(metadata);
            } catch (RuntimeException broken) {
              applier.fail(Status.UNAUTHENTICATED.withDescription("the token can't be read").withCause(broken));
            }
          });
    }
  }
}
