package ovo.payments.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import ovo.payments.v1.ChargeRequest;

class ConnectingTest {
  private static final ChargeRequest NOTHING = ChargeRequest.getDefaultInstance();

  @TempDir Path folder;

  /** Mutual TLS: the service's certificate is checked against the authority, and the caller shows its own. */
  @Test
  void tlsWithACertificateOfTheCaller() throws Exception {
    makeCertificates();
    ServerCredentials sealed =
        TlsServerCredentials.newBuilder()
            .keyManager(file("server.pem"), file("server.key"))
            .trustManager(file("authority.pem"))
            .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE)
            .build();
    try (Service service = new Service(sealed)) {
      Connecting own =
          OvoPaymentsClient.to(service.target())
              .tls(file("authority.pem"), file("caller.pem"), file("caller.key"))
              .token("secret");
      try (OvoPaymentsClient client = own.connect()) {
        client.charge(NOTHING);
      }
      assertEquals(List.of("Bearer secret"), service.callers);
      refused(OvoPaymentsClient.to(service.target()).tls(file("authority.pem")));
      OvoPaymentsException unknown =
          refused(OvoPaymentsClient.to(service.target()).tls(file("caller.pem"), file("caller.pem"), file("caller.key")));
      assertTrue(unknown.getMessage().contains("unable to find valid certification path"), unknown.getMessage());
    }
  }

  private static OvoPaymentsException refused(Connecting stranger) {
    try (OvoPaymentsClient client = stranger.deadline(Duration.ofSeconds(2)).connect()) {
      return assertThrows(OvoPaymentsException.class, () -> client.charge(NOTHING));
    }
  }

  /** A token does not leave this machine in clear. */
  @Test
  void aTokenDoesNotTravelInClear() {
    Connecting travelling = OvoPaymentsClient.to("payments.example:443").token("secret");
    assertThrows(IllegalArgumentException.class, travelling::connect);
    Connecting lookalike = OvoPaymentsClient.to("localhost.example:443").token("secret");
    assertThrows(IllegalArgumentException.class, lookalike::connect);
    travelling.allowTokenInClear().connect().close();
    OvoPaymentsClient.to("payments.example:443").token("secret").tls().connect().close();
  }

  /** On this machine it may. */
  @ParameterizedTest
  @ValueSource(strings = {"localhost:1", "[::1]:1", "dns:///127.0.0.1:1", "127.0.0.1:1"})
  void aTokenStaysOnThisMachine(String target) {
    OvoPaymentsClient.to(target).token("secret").connect().close();
  }

  /** The token of each call is the one of then. */
  @Test
  void aTokenIsAskedForAtEachCall() throws IOException {
    Queue<String> tokens = new ArrayDeque<>(List.of("first", "second"));
    try (Service service = new Service();
        OvoPaymentsClient client = OvoPaymentsClient.to(service.target()).token(tokens::remove).connect()) {
      client.charge(NOTHING);
      client.charge(NOTHING);
      assertEquals(List.of("Bearer first", "Bearer second"), service.callers);
    }
  }

  /** Makes an authority, and certificates that it signs. */
  private void makeCertificates() throws IOException, InterruptedException {
    String[] key = {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"};
    openssl(key, "req", "-x509", "-keyout", "authority.key", "-out", "authority.pem", "-subj", "/CN=authority");
    Files.writeString(folder.resolve("names"), "subjectAltName=IP:127.0.0.1");
    for (String name : List.of("server", "caller")) {
      openssl(key, "req", "-new", "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=" + name);
      String[] authority = {"-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial", "-extfile", "names"};
      openssl(authority, "x509", "-req", "-in", name + ".csr", "-out", name + ".pem", "-days", "1");
    }
  }

  private void openssl(String[] more, String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(words));
    command.addAll(List.of(more));
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), said);
  }

  private File file(String name) {
    return folder.resolve(name).toFile();
  }
}
