"""A variational autoencoder on 28×28 images, with one sign error: can you see it before vaelint does?"""

import torch
from torch import nn
from torch.distributions import Bernoulli, Normal, kl_divergence
from torch.utils.data import DataLoader


class VAE(nn.Module):
    def __init__(self, pixels: int = 784, hidden: int = 400, latent: int = 20) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(pixels, hidden), nn.ReLU())
        self.to_mu = nn.Linear(hidden, latent)
        self.to_log_sigma = nn.Linear(hidden, latent)
        self.decoder = nn.Sequential(nn.Linear(latent, hidden), nn.ReLU(), nn.Linear(hidden, pixels))

    def encode(self, x: torch.Tensor) -> Normal:
        h = self.encoder(x)
        return Normal(self.to_mu(h), self.to_log_sigma(h).exp())

    def decode(self, z: torch.Tensor) -> Bernoulli:
        return Bernoulli(logits=self.decoder(z))


def loss_function(model: VAE, x: torch.Tensor, beta: float = 1.0) -> torch.Tensor:
    posterior = model.encode(x)
    z = posterior.rsample()
    prior = Normal(torch.zeros_like(z), torch.ones_like(z))

    recon_loss = model.decode(z).log_prob(x).sum(-1).mean()
    kl = kl_divergence(posterior, prior).sum(-1).mean()
    return recon_loss + beta * kl


def train(model: VAE, batches: DataLoader, epochs: int = 10) -> None:
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(epochs):
        total = 0.0
        for x, _ in batches:
            loss = loss_function(model, x.flatten(1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        print(f"epoch {epoch}: loss {total / len(batches):.2f}")
