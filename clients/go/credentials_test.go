package ovopayments_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	ovopayments "ovo.payments/client"
	paymentsv1 "ovo.payments/contract/ovo/payments/v1"
)

// issuer signs certificates for one test.
type issuer struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	file        string
}

// issue writes a certificate and its key; without an issuer it is an authority of its own.
func issue(t *testing.T, name string, by *issuer) (*issuer, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: by == nil, BasicConstraintsValid: true,
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.certificate, by.key
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	certificateFile, keyFile := filepath.Join(folder, name+".pem"), filepath.Join(folder, name+".key")
	write(t, certificateFile, "CERTIFICATE", signed)
	write(t, keyFile, "PRIVATE KEY", encoded)
	certificate, err := x509.ParseCertificate(signed)
	if err != nil {
		t.Fatal(err)
	}
	return &issuer{certificate, key, certificateFile}, keyFile
}

func write(t *testing.T, file, kind string, content []byte) {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// tellsToken answers with the metadata that names the caller.
func tellsToken(told chan<- []string) *service {
	return &service{charge: func(ctx context.Context, _ *paymentsv1.ChargeRequest) (*paymentsv1.ChargeResponse, error) {
		sent, _ := metadata.FromIncomingContext(ctx)
		told <- sent.Get("authorization")
		return &paymentsv1.ChargeResponse{}, nil
	}}
}

// Mutual TLS: the service's certificate is checked against the authority, and the caller shows its own.
func TestTLSWithACertificateOfTheCaller(t *testing.T) {
	authority, _ := issue(t, "authority", nil)
	server, serverKey := issue(t, "server", authority)
	caller, callerKey := issue(t, "caller", authority)
	pair, err := tls.LoadX509KeyPair(server.file, serverKey)
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(authority.certificate)
	told := make(chan []string, 1)
	target := serve(t, tellsToken(told), grpc.Creds(credentials.NewTLS(&tls.Config{
		Certificates: []tls.Certificate{pair}, ClientCAs: trusted, ClientAuth: tls.RequireAndVerifyClientCert,
	})))

	config, err := ovopayments.TLSFromFiles(authority.file, caller.file, callerKey)
	if err != nil {
		t.Fatal(err)
	}
	client := connected(t, target, ovopayments.WithTLS(config), ovopayments.WithToken("secret"))
	if _, err := client.Charge(soon(t), &paymentsv1.ChargeRequest{}); err != nil {
		t.Fatal(err)
	}
	if sent := <-told; len(sent) != 1 || sent[0] != "Bearer secret" {
		t.Errorf("the service was told %v", sent)
	}

	for file, told := range map[string]string{authority.file: "", caller.file: "certificate signed by unknown authority"} {
		config, err := ovopayments.TLSFromFiles(file, "", "")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(soon(t), 2*time.Second)
		_, err = connected(t, target, ovopayments.WithTLS(config)).Charge(ctx, &paymentsv1.ChargeRequest{})
		if err == nil || !strings.Contains(err.Error(), told) {
			t.Errorf("trusting %s: %v", file, err)
		}
		cancel()
	}
}

// A token stays on this machine, or travels sealed, unless the program says that something else seals it.
func TestATokenDoesNotTravelInClear(t *testing.T) {
	if _, err := ovopayments.Connect("payments.example:443", ovopayments.WithToken("secret")); err == nil {
		t.Error("it would travel in clear")
	}
	for _, target := range []string{"localhost:1", "[::1]:1", "dns:///127.0.0.1:1", "unix:/run/ovo.sock"} {
		connected(t, target, ovopayments.WithToken("secret"))
	}
	connected(t, "payments.example:443", ovopayments.WithToken("secret"), ovopayments.AllowTokenInClear())
	connected(t, "payments.example:443", ovopayments.WithToken("secret"), ovopayments.WithTLS(&tls.Config{}))
}

// The token of each call is the one of then.
func TestATokenIsAskedForAtEachCall(t *testing.T) {
	told := make(chan []string, 1)
	tokens := []string{"first", "second"}
	client := connected(t, serve(t, tellsToken(told)), ovopayments.WithTokenFrom(func(ctx context.Context) (string, error) {
		if _, set := ctx.Deadline(); !set {
			return "", errors.New("the call's time is not known")
		}
		token := tokens[0]
		tokens = tokens[1:]
		return token, nil
	}))
	for _, token := range []string{"first", "second"} {
		if _, err := client.Charge(soon(t), &paymentsv1.ChargeRequest{}); err != nil {
			t.Fatal(err)
		}
		if sent := <-told; sent[0] != "Bearer "+token {
			t.Errorf("sent %v", sent)
		}
	}
}
