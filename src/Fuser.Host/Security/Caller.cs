using Fuser.Host.Configuration;

namespace Fuser.Host.Security;

/// <summary>Who makes a request.</summary>
/// <param name="Name">For logs.</param>
/// <param name="Role">What they may do.</param>
internal sealed record Caller(string Name, Role Role)
{
    /// <summary>Everyone, where nobody has to say who they are.</summary>
    public static Caller Anyone { get; } = new("anyone", Role.Administer);

    public bool May(Role role) => Role >= role;
}
