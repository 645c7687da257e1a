using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fuser.Host.Configuration;
using Fuser.Kernels;

namespace Fuser.Host.Security;

/// <summary>
/// The node's certificate and the authorities of its callers, from files. They are looked at again at most every ten seconds, when a connection comes; files that
/// cannot be read then leave what was there in use.
/// </summary>
internal sealed class CertificateFiles
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TlsOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<Exception> _onFailure;
    private readonly Lock _lock = new();
    private long _checked;
    private string _version;
    private volatile Loaded _loaded;

    /// <param name="onFailure">Told when files that have changed cannot be read.</param>
    /// <exception cref="HostException">A file cannot be read, or is no certificate.</exception>
    public CertificateFiles(TlsOptions options, TimeProvider time, Action<Exception> onFailure)
    {
        _options = options;
        _time = time;
        _onFailure = onFailure;
        _checked = time.GetTimestamp();
        _version = Version();
        _loaded = Load();
    }

    /// <summary>What a new connection is answered with.</summary>
    public SslServerAuthenticationOptions Options()
    {
        Refresh();
        var loaded = _loaded;
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = loaded.Certificate,
            ClientCertificateRequired = loaded.Authorities is not null,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is null
                ? loaded.Authorities is null || !_options.RequireClientCertificate
                : loaded.Authorities is not null && IsIssuedBy(loaded.Authorities, (X509Certificate2)certificate),
        };
    }

    private void Refresh()
    {
        lock (_lock)
        {
            if (_time.GetElapsedTime(_checked) < Patience)
            {
                return;
            }

            _checked = _time.GetTimestamp();
            try
            {
                var version = Version();
                if (version != _version)
                {
                    _loaded = Load();
                    _version = version;
                }
            }
            catch (HostException error)
            {
                _onFailure(error);
            }
        }
    }

    private string Version() => string.Join('|', new[] { _options.CertificateFile, _options.KeyFile, _options.ClientAuthorityFile }
        .Select(file => file is null ? "" : File.GetLastWriteTimeUtc(file).Ticks.ToString()));

    private Loaded Load()
    {
        try
        {
            var chain = PemFiles.All(_options.CertificateFile!);
            var certificate = PemFiles.WithKey(_options.CertificateFile!, _options.KeyFile!);
            return new Loaded(
                SslStreamCertificateContext.Create(certificate, [.. chain.Skip(1)], offline: true),
                _options.ClientAuthorityFile is { } authorities ? PemFiles.All(authorities) : null);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw new HostException(
                ErrorCodes.ConfigurationValue,
                $"the certificate in '{_options.CertificateFile}', its key in '{_options.KeyFile}' or the authorities in '{_options.ClientAuthorityFile ?? "(none)"}' cannot be used: {error.Message} Give PEM files, the key unencrypted and of this certificate.",
                error);
        }
    }

    /// <summary>Whether one of the authorities, and no other the machine may trust, issued it for clients, and it is valid today.</summary>
    private static bool IsIssuedBy(X509Certificate2Collection authorities, X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2")); // client authentication
        return chain.Build(certificate);
    }

    private sealed record Loaded(SslStreamCertificateContext Certificate, X509Certificate2Collection? Authorities);
}
