using Fuser.Actors;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the runtime to a host.</summary>
public static class FuserServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="IFuser"/> as a singleton: an embedded system that starts on first use and ends with the container. Options are validated when the host starts.
    /// </summary>
    /// <param name="configure">Changes the options; bind a configuration section with <c>services.Configure&lt;FuserOptions&gt;(section)</c>.</param>
    public static IServiceCollection AddFuser(this IServiceCollection services, Action<FuserOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<FuserOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<FuserOptions>, FuserOptionsValidator>());
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton<IFuser>(static provider => new FuserSystem(
            provider.GetRequiredService<IOptions<FuserOptions>>().Value,
            provider.GetService<TimeProvider>(),
            provider.GetService<ILoggerFactory>()));
        return services;
    }
}
