using Fuser.Host.Configuration;
using Microsoft.AspNetCore.Builder;

namespace Fuser.Host.Http;

/// <summary>What a caller must be to reach an endpoint.</summary>
/// <param name="Role">Null: nothing, as for health.</param>
internal sealed record RoleRequirement(Role? Role);

/// <summary>Says it of endpoints.</summary>
internal static class RoleRequirementExtensions
{
    public static void Require(this IEndpointConventionBuilder endpoint, Role role) => endpoint.WithMetadata(new RoleRequirement(role));

    public static void OpenToAll(this IEndpointConventionBuilder endpoint) => endpoint.WithMetadata(new RoleRequirement(null));
}
