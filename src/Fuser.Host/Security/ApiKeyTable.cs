using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Fuser.Host.Configuration;
using Fuser.Kernels;

namespace Fuser.Host.Security;

/// <summary>The API keys a node takes. Only their hashes are kept; looking one up takes the same time whatever it is.</summary>
internal sealed class ApiKeyTable
{
    private const int MinLength = 16;
    private const int MaxLength = 512;

    private readonly ImmutableArray<(byte[] Hash, Caller Caller)> _entries;

    private ApiKeyTable(ImmutableArray<(byte[] Hash, Caller Caller)> entries) => _entries = entries;

    /// <summary>Reads the keys from their files and variables.</summary>
    /// <exception cref="HostException">A key is missing, too short, or the same as another. The message names the entry and never the key.</exception>
    public static ApiKeyTable Load(IEnumerable<ApiKeyOptions> options, IReadOnlyDictionary<string, string> environment)
    {
        var entries = ImmutableArray.CreateBuilder<(byte[] Hash, Caller Caller)>();
        foreach (var option in options)
        {
            var secret = (option.KeyFile is { } file ? SecretFile.Read(file, $"API key '{option.Name}'") : environment.GetValueOrDefault(option.KeyVariable ?? "") ?? "").Trim();
            if (secret.Length is < MinLength or > MaxLength || secret.Any(c => c is <= ' ' or > '~'))
            {
                var place = option.KeyFile is { } path ? $"the file '{path}'" : $"the environment variable {option.KeyVariable}";
                throw new HostException(ErrorCodes.ConfigurationValue, $"API key '{option.Name}': {place} must hold {MinLength} to {MaxLength} characters of ASCII without blanks, such as 'openssl rand -hex 32' prints.");
            }

            var hash = SHA256.HashData(Encoding.ASCII.GetBytes(secret));
            if (entries.FirstOrDefault(entry => entry.Hash.AsSpan().SequenceEqual(hash)).Caller is { } other)
            {
                throw new HostException(ErrorCodes.ConfigurationValue, $"API keys '{other.Name}' and '{option.Name}' are the same; nobody could tell their callers apart. Make a new one.");
            }

            entries.Add((hash, new Caller(option.Name, option.Role)));
        }

        return new ApiKeyTable(entries.ToImmutable());
    }

    /// <summary>Whose key it is; null when it is nobody's.</summary>
    public Caller? Find(string key)
    {
        if (key.Length > MaxLength)
        {
            return null;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(key), hash);
        Caller? found = null;
        foreach (var (known, caller) in _entries)
        {
            // All are compared, whichever is right.
            found = CryptographicOperations.FixedTimeEquals(known, hash) ? caller : found;
        }

        return found;
    }
}
