using System.Security.Cryptography.X509Certificates;
using Fuser.Host.Configuration;
using Fuser.Kernels;

namespace Fuser.Host.Security;

/// <summary>Certificates from PEM files.</summary>
internal static class PemFiles
{
    /// <summary>A certificate with its private key.</summary>
    /// <exception cref="HostException">A file cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">They are no certificate, or not its key.</exception>
    public static X509Certificate2 WithKey(string certificateFile, string keyFile)
    {
        using var read = X509Certificate2.CreateFromPem(SecretFile.Read(certificateFile, "the certificate"), SecretFile.Read(keyFile, "the certificate's key"));

        // Not every platform's TLS takes a key that is in memory only.
        return X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>All certificates of a file.</summary>
    /// <exception cref="HostException">It cannot be read, or has none.</exception>
    public static X509Certificate2Collection All(string file)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(SecretFile.Read(file, "certificates"));
        return certificates.Count > 0 ? certificates : throw new HostException(ErrorCodes.ConfigurationValue, $"the file '{file}' holds no certificate in PEM. Give one that starts with -----BEGIN CERTIFICATE-----.");
    }
}
