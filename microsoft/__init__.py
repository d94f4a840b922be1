"""Protocol clients for Microsoft identity, Graph, Global Discovery and the Dataverse Web API.

    clouds        where everything is, and which addresses may be spoken to
    http          the one door through which every request goes
    errors        what can go wrong, drawn as a tree
    identity      tokens for people and for applications (MSAL)
    certificates  key pairs for applications
    graph         application registrations and service principals
    discovery     the environments a person can reach
    dataverse     records, metadata and security of one environment
    odata         literals, filters and addresses, pure

The package knows nothing of any web framework and could be published on its own.
"""
