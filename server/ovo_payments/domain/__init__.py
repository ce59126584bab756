"""What the service knows of payments, whoever carries them and wherever they are stored."""
