"""What Dynamics itself keeps about lists: its system views and the person's own."""

from entities.dynamics.listing import DynamicsView, Offer, views_in_dynamics

__all__ = ["DynamicsView", "Offer", "views_in_dynamics"]
