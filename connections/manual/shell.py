"""The constant parts of the administrator's script. Everything of one connection comes in by variables.

https://learn.microsoft.com/en-us/cli/azure/ad/app
https://learn.microsoft.com/en-us/cli/azure/reference-index#az-rest
https://learn.microsoft.com/en-us/power-platform/developer/cli/reference/admin#pac-admin-assign-user
"""

HEAD = """\
#!/usr/bin/env bash
# Registers an application for Isthmus. Needs az (https://aka.ms/azure-cli), and pac
# (https://aka.ms/PowerPlatformCLI) signed in as an administrator of the environment.
# After an interruption, run it again with APP_ID=<client id> in front of it.
set -euo pipefail
"""

SIGN_IN = """
az login --tenant "$TENANT" --allow-no-subscriptions --output none
"""

REGISTER = """
if [ -z "$APP_ID" ]; then
  APP_ID=$(az ad app create --display-name "$NAME" --sign-in-audience AzureADMyOrg --query appId --output tsv)
fi
az ad sp show --id "$APP_ID" --output none 2>/dev/null || az ad sp create --id "$APP_ID" --output none
"""

CERTIFICATE = """
az ad app credential reset --id "$APP_ID" --cert "@$FILE" --append --output none
"""

# pac has no command for making a role, so the environment's Web API is asked.
ROLE = r"""
api() { az rest --resource "$ORG" "$@" </dev/null; }
find_role() {
  api --method get --url "$ORG/api/data/v9.2/roles" --query 'value[0].roleid' --output tsv --url-parameters \
    '$select=roleid' "\$filter=name eq '${ROLE//"'"/"''"}' and _businessunitid_value eq $UNIT"
}
UNIT=$(api --method get --url "$ORG/api/data/v9.2/businessunits" --query 'value[0].businessunitid' --output tsv \
  --url-parameters '$select=businessunitid' '$filter=_parentbusinessunitid_value eq null')
ROLE_ID=$(find_role)
if [ -z "$ROLE_ID" ]; then
  QUOTED=$(printf %s "$ROLE" | sed 's/[\\"]/\\&/g')
  api --method post --url "$ORG/api/data/v9.2/roles" --output none \
    --body "{\"name\": \"$QUOTED\", \"businessunitid@odata.bind\": \"/businessunits($UNIT)\"}"
  ROLE_ID=$(find_role)
fi
GRANTED=
while read -r PRIVILEGE DEPTH; do
  ID=$(api --method get --url "$ORG/api/data/v9.2/privileges" --query 'value[0].privilegeid' --output tsv \
    --url-parameters '$select=privilegeid' "\$filter=name eq '$PRIVILEGE'")
  GRANTED="$GRANTED${GRANTED:+,}{\"PrivilegeId\": \"$ID\", \"Depth\": \"$DEPTH\"}"
done <<<"$PRIVILEGES"
api --method post --url "$ORG/api/data/v9.2/roles($ROLE_ID)/Microsoft.Dynamics.CRM.AddPrivilegesRole" \
  --output none --body "{\"Privileges\": [$GRANTED]}"
"""

USER = """
pac admin assign-user --environment "$ORG" --user "$APP_ID" --role "$ROLE" --application-user
"""

RESULT = """
echo "Application (client) ID: $APP_ID"
echo "Object ID:               $(az ad app show --id "$APP_ID" --query id --output tsv)"
"""
