package ovopayments

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"strings"
)

// Token gives the caller's token of now, within the time that the call has.
type Token func(context.Context) (string, error)

// TLSFromFiles reads PEM files: the authority to trust, and for mutual TLS a certificate and its key.
//
// Without an authority the machine's own are trusted. An empty name is no file.
func TLSFromFiles(authority, certificate, privateKey string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if authority != "" {
		pem, err := os.ReadFile(authority)
		if err != nil {
			return nil, fmt.Errorf("read the authority: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate", authority)
		}
	}
	if (certificate == "") != (privateKey == "") {
		return nil, fmt.Errorf("the certificate and the private key belong together: give both")
	}
	if certificate != "" {
		pair, err := tls.LoadX509KeyPair(certificate, privateKey)
		if err != nil {
			return nil, fmt.Errorf("read the caller's certificate: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// bearer puts the token into the metadata of each call.
type bearer struct {
	token   Token
	inClear bool
}

func (b bearer) GetRequestMetadata(ctx context.Context, _ ...string) (map[string]string, error) {
	token, err := b.token(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the token: %w", err)
	}
	return map[string]string{"authorization": "Bearer " + token}, nil
}

func (b bearer) RequireTransportSecurity() bool {
	return !b.inClear
}

// staysOnThisMachine tells whether what is sent to the target never reaches a network.
func staysOnThisMachine(target string) bool {
	if strings.HasPrefix(target, "unix:") || strings.HasPrefix(target, "unix-abstract:") {
		return true
	}
	for _, scheme := range []string{"passthrough:///", "dns:///", "dns:"} {
		target = strings.TrimPrefix(target, scheme)
	}
	host, _, err := net.SplitHostPort(target)
	if err != nil {
		return false
	}
	address := net.ParseIP(host)
	return host == "localhost" || (address != nil && address.IsLoopback())
}
