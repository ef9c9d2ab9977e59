"""The media server 0.3.5 on GALA: its routes and manners, each piece of work a job."""
