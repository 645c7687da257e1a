using System.Security.Cryptography.X509Certificates;
using Fuser.Host.Configuration;

namespace Fuser.Host.Security;

/// <summary>Finds out who makes a request, by API key or by client certificate.</summary>
internal sealed class CallerIdentification
{
    private readonly ApiKeyTable _keys;
    private readonly Dictionary<string, Caller> _certificates;

    public CallerIdentification(AuthenticationOptions options, IReadOnlyDictionary<string, string> environment)
    {
        _keys = ApiKeyTable.Load(options.ApiKeys, environment);
        _certificates = options.Certificates.ToDictionary(known => known.CommonName, known => new Caller(known.CommonName, known.Role), StringComparer.Ordinal);
        IsRequired = options.ApiKeys.Count + options.Certificates.Count > 0;
    }

    /// <summary>Whether callers have to say who they are.</summary>
    public bool IsRequired { get; }

    /// <summary>The caller; null when nothing valid says who it is.</summary>
    /// <param name="authorization">The Authorization header; null without one. A wrong key is not made good by a certificate.</param>
    /// <param name="certificate">The certificate of the connection, already checked against its authority; null without one.</param>
    public Caller? Identify(string? authorization, X509Certificate2? certificate)
    {
        const string Scheme = "Bearer ";
        if (!IsRequired)
        {
            return Caller.Anyone;
        }

        if (authorization is not null)
        {
            return authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? _keys.Find(authorization[Scheme.Length..].Trim()) : null;
        }

        return certificate is null ? null : _certificates.GetValueOrDefault(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false));
    }
}
